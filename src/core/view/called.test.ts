import { expect, test } from "vitest";
import { callIn } from "./called.ts";

test("a call is what an agent asks for, and nothing that evidence of a workflow's own question looks like", () => {
  const summary = { agent: "ops", callId: "c1", tool: "scale", arguments: { replicas: 3 } };
  expect(callIn({ summary, summaryPath: null })).toEqual({ replicas: 3 });
  expect(callIn({ summary, summaryPath: "steps.plan" })).toBeNull();
  expect(callIn({ summary: { ...summary, callId: 1 }, summaryPath: null })).toBeNull();
});
