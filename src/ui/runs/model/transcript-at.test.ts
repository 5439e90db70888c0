import { expect, test } from "vitest";
import type { AgentRun } from "../../../http/schemas/agent-runs.ts";
import { transcriptAt } from "./transcript-at.ts";

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
const usage = { inputTokens: 100, outputTokens: 10, cachedTokens: 0, costUsd: 0.25 };
const call = (from: number, to: number) => ({
  callId: `c${from}`,
  tool: "read",
  args: {},
  status: "done" as const,
  tries: 1,
  decision: { approved: true, by: "user:ann", comment: null },
  text: "read",
  isError: false,
  startedAt: at(from),
  endedAt: at(to),
});
const turn = (seq: number, from: number, to: number, calls: ReturnType<typeof call>[] = []) => ({
  seq,
  kind: "answer" as const,
  ask: null,
  text: `turn ${seq}`,
  finish: "stop",
  usage,
  tries: 1,
  startedAt: at(from),
  endedAt: at(to),
  calls,
});
const whole: AgentRun = {
  agentRunId: "ar_1",
  agent: "boss",
  model: "openai/gpt",
  simulated: false,
  status: "completed",
  runId: "run_1",
  stepId: "s1",
  branch: "",
  attempt: 1,
  rootId: "ar_1",
  parentId: null,
  parentCallId: null,
  resumedFrom: null,
  createdAt: at(1),
  finishedAt: at(9),
  usage: { inputTokens: 200, outputTokens: 20, cachedTokens: 0, costUsd: 0.5 },
  input: {},
  prompt: [{ role: "user", text: "do it" }],
  turns: [turn(0, 1, 3, [call(4, 6)]), turn(1, 7, 8)],
  output: "all done",
  question: null,
  error: null,
  reason: null,
};

test("before an agent began there is no transcript, and after its end it is whole", () => {
  expect(transcriptAt(whole, 500)).toBeNull();
  expect(transcriptAt(whole, 9000)).toBe(whole);
});

test("in the past an agent has said what it had said, used what it had used, and answered nothing", () => {
  const then = transcriptAt(whole, 5000);
  expect(then).toMatchObject({ status: "running", finishedAt: null, usage });
  expect(then?.turns.map(({ text }) => text)).toEqual(["turn 0"]);
  expect(then).not.toHaveProperty("output");
});

test("a call that had begun is open, one that had not is still to be decided, one that had ended is told", () => {
  const calls = (seconds: number) => transcriptAt(whole, seconds * 1000)?.turns[0]?.calls;
  expect(calls(3)).toMatchObject([{ status: "pending", decision: null, startedAt: null, text: null }]);
  expect(calls(5)).toMatchObject([{ status: "started", startedAt: at(4), endedAt: null, text: null }]);
  expect(calls(6)).toEqual([call(4, 6)]);
});
