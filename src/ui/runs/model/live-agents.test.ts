import { expect, test } from "vitest";
import type { RunId } from "../../../core/run/ids.ts";
import type { Progress } from "../../../http/client/stream.ts";
import { LiveAgents } from "./live-agents.ts";

const of = { runId: "run_1" as RunId, stepId: "s1", agentRunId: "ar_1", agent: "boss", at: "" };
const said = (from: number, delta: string): Progress => ({ ...of, type: "agent.text", seq: 0, from, delta });
const turn = (status: "started" | "finished"): Progress => ({ ...of, type: "agent.turn", seq: 0, status });

test("what a model says is there word by word until the turn is kept", () => {
  const agents = new LiveAgents();
  let calls = 0;
  agents.subscribe(() => calls++);
  expect(agents.saying.has("ar_1")).toBe(false);
  agents.take(turn("started"));
  expect(agents.saying.get("ar_1")).toBe("");
  agents.take(said(0, "all "));
  agents.take(said(4, "done"));
  expect([agents.saying.get("ar_1"), agents.kept]).toEqual(["all done", 0]);
  agents.take(turn("finished"));
  expect([agents.saying.get("ar_1"), agents.kept, calls]).toEqual([undefined, 1, 4]);
});

test("words of a turn whose beginning was not heard are shown as far as they are known", () => {
  const agents = new LiveAgents();
  agents.take(said(7, "and more"));
  expect(agents.saying.get("ar_1")).toBe("…and more");
});
