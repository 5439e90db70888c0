import fc from "fast-check";
import type { Act, Person, Setup } from "../../simulation/approvals/story.ts";
import { moves, people, seldom, setup, who } from "../../simulation/approvals/story.ts";

/** By which door somebody decides. */
export const DOORS = ["api", "run", "cli", "link", "batch"] as const;
export type Door = (typeof DOORS)[number];

/** What one of the cast says to the approval. */
export type Say = {
  readonly who: number;
  readonly door: Door;
  readonly verb: "approve" | "reject";
  readonly hasReason: boolean;
  readonly isDigestWrong: boolean;
  /** Says which question it is about; the command line and links always do. */
  readonly sendsDigest: boolean;
  /** Their provider writes their name in capitals this time. */
  readonly shouts: boolean;
  /** Comes with a browser that has logged in; the command line has none. */
  readonly byBrowser: boolean;
  /** Comes with credentials of before they moved. */
  readonly isOld: boolean;
  /** Approves a tool's call with arguments of their own: those that were shown, or others. */
  readonly args: "shown" | "other" | null;
  /** Of the API: under which idempotency key. */
  readonly key: number | null;
  /** Which of the three links; the last was made for `p3`. */
  readonly link: number;
};

/** Whoever must never decide, whatever they send. */
export const STRANGERS = [
  ...["nobody", "forged", "link-alone", "mcp", "hook", "dry-run"],
  ...["foreign-page", "logged-out"],
] as const;
export type Stranger = (typeof STRANGERS)[number];

export type Visit =
  /** All at the same moment. */
  | { readonly act: "say"; readonly says: readonly Say[] }
  | { readonly act: "delegate"; readonly who: number; readonly to: number; readonly byCli: boolean }
  | { readonly act: "stranger"; readonly stranger: Stranger; readonly say: Say }
  | { readonly act: "wait"; readonly minutes: number }
  | Extract<Act, { act: "moves" }>;

export type History = {
  readonly setup: Setup;
  readonly people: readonly Person[];
  readonly visits: readonly Visit[];
};

const say: fc.Arbitrary<Say> = fc.record({
  who,
  door: fc.constantFrom(...DOORS),
  verb: fc.constantFrom("approve", "approve", "approve", "approve", "reject"),
  hasReason: seldom.map((no) => !no),
  isDigestWrong: seldom,
  sendsDigest: fc.boolean(),
  shouts: fc.boolean(),
  byBrowser: fc.boolean(),
  isOld: fc.boolean(),
  args: fc.constantFrom(null, null, null, "shown", "other"),
  key: fc.constantFrom(null, null, 0, 1),
  link: fc.nat({ max: 2 }),
});

/** One, the same twice at once, the same by every door at once, or several people at once. */
const says: fc.Arbitrary<readonly Say[]> = fc.oneof(
  { weight: 4, arbitrary: say.map((one) => [one]) },
  { weight: 1, arbitrary: say.map((one) => [one, one]) },
  { weight: 1, arbitrary: say.map((one) => DOORS.slice(1).map((door) => ({ ...one, door }))) },
  { weight: 2, arbitrary: fc.array(say, { minLength: 2, maxLength: 4 }) },
);

const visit: fc.Arbitrary<Visit> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ act: fc.constant("say" as const), says }) },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant("stranger" as const),
      stranger: fc.constantFrom(...STRANGERS),
      say,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant("delegate" as const), who, to: who, byCli: fc.boolean() }),
  },
  { weight: 3, arbitrary: moves },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant("wait" as const), minutes: fc.constantFrom(5, 61) }),
  },
);

/** Gates that the language allows: a voice is handed on by name. */
const gates = setup.map(
  (one): Setup => ({ ...one, isToolCall: false, isDelegable: one.isDelegable && one.approvers.length > 0 }),
);

/** Whom agents ask before they call their tool; one of them for each. */
export const ASKED: readonly (readonly string[])[] = [
  [],
  ["team:sre"],
  ["team:sre", "team:security"],
  ["role:approver", "team:security"],
];

/** An agent's question. */
const calls: fc.Arbitrary<Setup> = fc.constantFrom(...ASKED).map((approvers) => ({
  approvers,
  quorum: 1,
  excludeStarter: approvers.length > 0,
  ...{ excludeAuthor: false, rejectQuorum: 1, veto: [], isDelegable: false, escalateAfterMinutes: null },
  isToolCall: true,
}));

/** Random gates, people who come and go, and everybody who knocks at any door. */
export const histories: fc.Arbitrary<History> = fc.record({
  setup: fc.oneof({ weight: 3, arbitrary: gates }, { weight: 1, arbitrary: calls }),
  people,
  visits: fc.array(visit, { minLength: 1, maxLength: 12 }),
});
