import { expect, test } from "vitest";
import type { AgentRun } from "../../../http/schemas/agent-runs.ts";
import { lastLines } from "./last-lines.ts";

const called = (tool: string, text: string | null, isError = false) => ({
  tool,
  args: { q: 1 },
  text,
  isError,
});
const turns = (...all: object[]) => ({ agent: "checker", turns: all as unknown as AgentRun["turns"] });

test("the last lines of a log are those of the latest words, calls and answers, in their order", () => {
  const log = turns(
    {
      text: "I look.\n\nThen I ask.",
      calls: [called("pods", "3 pods\n1 not ready"), called("rate", "no route", true)],
    },
    { text: "", calls: [called("rate", null)] },
  );
  expect(lastLines(log, 5)).toEqual([
    "← 3 pods",
    "  1 not ready",
    '→ rate {"q":1}',
    "✗ no route",
    '→ rate {"q":1}',
  ]);
  expect(lastLines(log, 20)).toEqual([
    "checker: I look.",
    "  Then I ask.",
    '→ pods {"q":1}',
    ...lastLines(log, 5),
  ]);
});

test("a long line is cut, and an agent that said nothing has no lines", () => {
  expect(lastLines(turns({ text: "x".repeat(400), calls: [] }), 5)).toEqual([`checker: ${"x".repeat(300)}…`]);
  expect(lastLines(turns(), 5)).toEqual([]);
});
