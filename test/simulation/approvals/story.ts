import fc from "fast-check";

/** How a gate is set up. `p0` starts the run, `p1` wrote the workflow; the last of the cast is a program. */
export type Setup = {
  readonly approvers: readonly string[];
  readonly quorum: number | Readonly<Record<string, number>>;
  readonly excludeStarter: boolean;
  readonly excludeAuthor: boolean;
  readonly rejectQuorum: number;
  readonly veto: readonly string[];
  readonly isDelegable: boolean;
  readonly escalateAfterMinutes: number | null;
  /** What is decided is an agent's call of a tool. */
  readonly isToolCall: boolean;
};

export type Person =
  | { readonly kind: "person"; readonly teams: readonly string[]; readonly role: string }
  | { readonly kind: "key"; readonly mayDecide: boolean };

export type Cast = {
  readonly people: Person[];
  /** Who those that have moved were before, as credentials say that were given out then. */
  readonly before: Map<number, Person>;
};

/** By which door a decision comes in. */
export type Channel = "plain" | "shown" | "link" | "twice" | "preview" | "race";

export type Act =
  | {
      readonly act: "decide";
      readonly who: number;
      readonly verb: "approve" | "reject";
      readonly hasReason: boolean;
      readonly isDigestWrong: boolean;
      readonly knowsAll: boolean;
      readonly shouts: boolean;
      /** Comes with credentials of before they moved. */
      readonly isOld: boolean;
      /** Changes the arguments of the call. */
      readonly hasArgs: boolean;
      readonly channel: Channel;
      /** Of a race: whoever decides at the same moment. */
      readonly rival: number;
    }
  | { readonly act: "delegate"; readonly who: number; readonly to: number }
  | { readonly act: "moves"; readonly who: number; readonly teams: readonly string[]; readonly role: string }
  | { readonly act: "wait"; readonly minutes: number }
  | { readonly act: "look" };

export type Story = {
  readonly setup: Setup;
  readonly people: readonly Person[];
  readonly acts: readonly Act[];
};

/** So many people come before the key. */
export const HUMANS = 6;
/** The key's place in the cast. */
export const KEY = 6;

const names = [
  "team:sre",
  "team:security",
  "user:p2",
  "user:p5",
  "role:approver",
  "role:operator",
  "key:bot",
];
const teams = fc.constantFrom<readonly string[]>(["sre"], ["sre"], ["security"], ["sre", "security"], []);
const role = fc.constantFrom("viewer", "operator", "approver", "admin");
/** Those who must keep out, and the program, come less often. */
export const who = fc.constantFrom(0, 1, 2, 2, 3, 3, 4, 4, 5, 5, KEY);

const wishes: fc.Arbitrary<Setup> = fc.record({
  approvers: fc.oneof(
    { weight: 2, arbitrary: fc.subarray(names) },
    { weight: 3, arbitrary: fc.constant(["team:sre", "team:security"]) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  quorum: fc.oneof(
    fc.constantFrom(1, 2, 2, 2, 3),
    fc.constantFrom<Setup["quorum"]>(
      { "team:sre": 1, "team:security": 1 },
      { "team:sre": 2, "team:security": 1 },
      { "role:approver": 1, "team:sre": 1 },
    ),
  ),
  excludeStarter: fc.boolean(),
  excludeAuthor: fc.boolean(),
  rejectQuorum: fc.integer({ min: 1, max: 2 }),
  veto: fc.subarray(["team:security", "user:p3"]),
  isDelegable: fc.boolean(),
  escalateAfterMinutes: fc.constantFrom(null, 5),
  isToolCall: fc.boolean(),
});

/** Gates that can be decided: a quorum's groups are among the approvers, and there are enough people. */
export const setup: fc.Arbitrary<Setup> = wishes.map((one) => {
  const [groups, quorum] =
    typeof one.quorum === "number" ? [[], one.quorum] : [Object.keys(one.quorum), one.rejectQuorum];
  const named = [...new Set([...one.approvers, ...groups])];
  const isCrowd = named.length === 0 || named.some((name) => /^(team|role):/.test(name));
  const isEnough = isCrowd || named.length >= Math.max(quorum, one.rejectQuorum);
  return { ...one, approvers: isEnough ? named : [...named, "team:sre"] };
});

export const seldom = fc.nat({ max: 15 }).map((n) => n === 0);

const decide: fc.Arbitrary<Act> = fc.record({
  act: fc.constant("decide" as const),
  who,
  verb: fc.constantFrom("approve", "approve", "approve", "approve", "reject"),
  hasReason: seldom.map((no) => !no),
  isDigestWrong: seldom,
  knowsAll: fc.boolean(),
  shouts: fc.boolean(),
  isOld: fc.boolean(),
  hasArgs: seldom,
  channel: fc.constantFrom<Channel>("plain", "shown", "link", "twice", "preview", "race"),
  rival: who,
});

/** Half of those who move leave every team. */
export const moves: fc.Arbitrary<Extract<Act, { act: "moves" }>> = fc.record({
  act: fc.constant("moves" as const),
  who: fc.integer({ min: 2, max: HUMANS - 1 }),
  teams: fc.oneof(fc.constant([]), teams),
  role,
});

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 8, arbitrary: decide },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("delegate" as const), who, to: who }) },
  { weight: 4, arbitrary: moves },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant("wait" as const), minutes: fc.constantFrom(1, 5, 20, 30, 61) }),
  },
  { weight: 1, arbitrary: fc.constant({ act: "look" as const }) },
);

export const people: fc.Arbitrary<readonly Person[]> = fc
  .tuple(
    fc.array(fc.record({ kind: fc.constant("person" as const), teams, role }), {
      minLength: HUMANS,
      maxLength: HUMANS,
    }),
    fc.boolean(),
  )
  .map(([humans, mayDecide]) => [...humans, { kind: "key", mayDecide }]);

/** Random gates, people who come and go, and everything they may say. */
export const stories: fc.Arbitrary<Story> = fc.record({
  setup,
  people,
  acts: fc.array(act, { minLength: 1, maxLength: 14 }),
});
