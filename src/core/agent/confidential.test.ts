import { expect, test } from "vitest";
import type { JsonValue } from "../json.ts";
import type { AgentChange, Call, Question, Turn } from "./agent-run.ts";
import { callsOf, evolveAgent, NO_USAGE } from "./agent-run.ts";
import { hideChange, hideHead, hideQuestion, isUnclear, restored, reveal } from "./confidential.ts";
import { redacting } from "./redact.ts";
import { agentRun } from "./test-agent-run.ts";

const redact = redacting([], []);
const SECRET = "sk-abcdefghijklmnopqrst";

const turn: Turn = {
  seq: 1,
  kind: "answer",
  ask: null,
  reply: {
    text: `I use ${SECRET}`,
    calls: [{ id: "c1", tool: "put", args: { password: "hunter22", line: SECRET, n: 1 } }],
    finish: "tool-calls",
    usage: NO_USAGE,
    raw: [{ role: "assistant", content: [{ type: "text", text: SECRET }] }],
    modelId: "m",
  },
  tries: 1,
  startedAt: 1,
  endedAt: 2,
};
const [call] = callsOf(turn, []) as [Call];

const begun = agentRun({
  input: { token: SECRET },
  prompt: [{ role: "user", text: `here: ${SECRET}` }],
});

const CHANGES: readonly AgentChange[] = [
  { type: "turn", turn, calls: [call] },
  { type: "call", call: { ...call, tries: 1, progress: { status: "started", at: 3 } } },
  {
    type: "call",
    call: {
      ...call,
      tries: 1,
      progress: { status: "done", at: 4, startedAt: 3, text: `kept ${SECRET}`, isError: false },
    },
  },
  {
    type: "status",
    status: { status: "completed", at: 5, answer: { output: { key: SECRET }, text: SECRET } },
  },
];

test("what is kept for everybody has no secret in it, and what is kept beside it makes it what it was, at any time", () => {
  for (let count = 0; count <= CHANGES.length; count++) {
    const head = hideHead(begun, redact);
    const changes = CHANGES.slice(0, count).map((change) => hideChange(change, redact));
    const kept = changes.map(({ shown }) => shown).reduce(evolveAgent, head.shown);
    const exact = new Map([head, ...changes].flatMap((one) => one.exact.map((each) => [each.place, each])));
    expect(JSON.stringify(kept)).not.toMatch(/sk-abc|hunter22/);
    expect(reveal(kept, [...exact.values()])).toEqual(CHANGES.slice(0, count).reduce(evolveAgent, begun));
  }
});

test("what has no secrets is kept as it is, and nothing beside it", () => {
  const plain: AgentChange = { type: "call", call: { ...call, args: { line: "fine" } } };
  expect(hideChange(plain, redact)).toEqual({ shown: plain, exact: [] });
});

test("a call whose secret was not kept is known to be lost", () =>
  expect(
    reveal({ ...begun, calls: [call] }, [{ place: "call/c1", value: null }]).calls.map(
      ({ isLost }) => isLost,
    ),
  ).toEqual([true]));

test("who changes arguments leaves the secrets in them that nobody was shown", () => {
  const exact = { password: "hunter22", line: `use ${SECRET}`, list: [SECRET, "b"], n: 1 };
  const edited = { password: "[redacted]", line: "use [redacted]", list: ["[redacted]", "c"], n: 2 };
  expect(restored(edited, exact, redact)).toEqual({ ...exact, list: [SECRET, "c"], n: 2 });
  expect(restored({ password: "another", n: 1 }, exact, redact)).toEqual({ password: "another", n: 1 });
});

test("and those in the middle of a text that is changed around them", () => {
  const exact = {
    line: `use ${SECRET} for old`,
    yaml: "password: hunter22\ntoken: 0123456789abcdefgh\nreplicas: 3",
  };
  const edited = {
    line: "put [redacted] for new",
    yaml: "replicas: 2\npassword: [redacted]\ntoken: [redacted]",
  };
  const meant = restored(edited, exact, redact);
  expect(meant).toEqual({
    line: `put ${SECRET} for new`,
    yaml: "replicas: 2\npassword: hunter22\ntoken: 0123456789abcdefgh",
  });
  expect(isUnclear(meant, exact, redact)).toBe(false);
});

test("secrets of several lines are put back whole, or not at all", () => {
  const key = (body: string) => `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----`;
  const both = { pem: `${key("aaaa")}\n${key("bbbb")}` };
  const split = restored({ pem: "first: [redacted]\nsecond: [redacted]" }, both, redact);
  expect(split).toEqual({ pem: "first: [redacted]\nsecond: [redacted]" });
  expect(isUnclear(split, both, redact)).toBe(true);
  const named = { pem: `a: ${key("aaaa")}\nb: ${key("bbbb")}` };
  expect(restored({ pem: "x: [redacted]\ny: [redacted]" }, named, redact)).toEqual({
    pem: `x: ${key("aaaa")}\ny: ${key("bbbb")}`,
  });
});

test.each<[string, JsonValue, boolean]>([
  ["one of two secrets is taken out of a text", { line: "the second is [redacted]" }, true],
  ["a secret is put where none was", { line: `[redacted] and [redacted]`, other: "[redacted]" }, true],
  ["both are taken out", { line: "none" }, false],
])("it is unclear which secret is meant where %s: %j", (_name, edited, unclear) => {
  const exact = { line: `${SECRET} and ${SECRET}2` };
  expect(isUnclear(restored(edited, exact, redact), exact, redact)).toBe(unclear);
});

test("a mark that was there before is none", () => {
  const exact = { line: "write [redacted]" };
  expect(isUnclear(restored({ line: "write [redacted] [redacted]" }, exact, redact), exact, redact)).toBe(
    false,
  );
});

test("a question is found again by its id, whatever is hidden in it", () => {
  const question: Question = {
    id: "ar_0123456789abcdef01234567/tool/c1",
    kind: "tool",
    title: `put ${SECRET}`,
    message: "",
    evidence: { agentRunId: "ar_0123456789abcdef01234567" },
    approvers: [],
    timeoutSeconds: null,
  };
  const own = redacting([/[0-9a-f]{24}/g], []);
  const shown = { ...question, title: "put [redacted]", evidence: { agentRunId: "ar_[redacted]" } };
  expect(hideQuestion(question, own)).toEqual(shown);
  const waiting = { type: "status", status: { status: "waiting", question } } as const;
  expect(hideChange(waiting, own).shown).toEqual({
    ...waiting,
    status: { status: "waiting", question: shown },
  });
});
