import { expect, test } from "vitest";
import { NO_USAGE } from "../agent/agent-run.ts";
import { agentRun } from "../agent/test-agent-run.ts";
import { spansOfAgent } from "./agent-trace.ts";

/** Called by another agent, at work when its machine's clock was put back. */
const run = agentRun({
  id: "ar_2",
  family: { rootId: "ar_1", parentId: "ar_1", parentCallId: "c1", chain: [] },
  status: { status: "cancelled", at: 90, reason: "enough" },
  turns: [
    {
      ...{ seq: 1, kind: "answer", ask: null, tries: 1, startedAt: 110, endedAt: 95 },
      reply: { text: "", calls: [], finish: "stop", usage: NO_USAGE, raw: null, modelId: "m" },
    },
  ],
  calls: [
    {
      ...{ id: "c2", turn: 1, tool: "env", args: {}, decision: null, tries: 1 },
      progress: { status: "done", startedAt: 120, at: 94, text: "", isError: false },
    },
  ],
  createdAt: 100,
});

test("no span of an agent ends before it starts, though the clock was put back meanwhile", () => {
  expect(spansOfAgent("t", run).map(({ name, startAt, endAt }) => [name, startAt, endAt])).toEqual([
    ["chat m", 110, 110],
    ["execute_tool env", 120, 120],
    ["invoke_agent a", 100, 100],
  ]);
});
