import { describe, expect, it } from "vitest";
import { agent, block, Drive, workflow } from "../../../test/support/drive.ts";
import { problemsOfTrace, spansOf } from "../../../test/support/trace.ts";
import type { Span } from "./span.ts";

/** Every span with its parent's name above it. */
function tree(spans: readonly Span[]): readonly string[] {
  const name = new Map(spans.map((span) => [span.spanId, span.name]));
  return spans.map((span) => `${name.get(span.parentSpanId ?? "") ?? "–"} > ${span.name} ${span.status}`);
}

function traced(drive: Drive): readonly Span[] {
  const spans = spansOf(drive.log);
  expect(problemsOfTrace(drive.log, spans)).toEqual([]);
  return spans;
}

describe("the trace of a run", () => {
  it("has the run, its states, their attempts and the agents, each below the one it belongs to", () => {
    const drive = new Drive(workflow([agent("a", "b"), agent("b")])).settle();
    expect(tree(traced(drive))).toEqual([
      "StepExecute agent.run > invoke_agent a ok",
      "StateTransition a > StepExecute agent.run ok",
      "WorkflowRun w > StateTransition a ok",
      "StepExecute agent.run > invoke_agent b ok",
      "StateTransition b > StepExecute agent.run ok",
      "WorkflowRun w > StateTransition b ok",
      "– > WorkflowRun w ok",
    ]);
  });

  it("puts what branches do below the state that opened them", () => {
    const both = {
      type: "parallel" as const,
      name: "both",
      branches: [block("left", [agent("l")]), block("right", [agent("r")])],
      join: "all" as const,
      onBranchFailure: "cancel" as const,
      transition: { end: true as const },
    };
    const spans = traced(new Drive(workflow([both])).settle());
    expect(tree(spans).filter((line) => line.startsWith("StateTransition both"))).toEqual([
      "StateTransition both > StateTransition l ok",
      "StateTransition both > StateTransition r ok",
    ]);
  });

  it("has a span for each attempt, with what went wrong", () => {
    const error = { code: "llm_unavailable", message: "busy", type: "agent_error", retryable: true };
    const drive = new Drive(
      workflow([agent("a", undefined, { retry: { maxAttempts: 2, backoffSeconds: 1 } })]),
      { agents: () => ({ status: "failed", error }) },
    )
      .settle()
      .pass(60_000);
    const attempts = traced(drive).filter(({ name }) => name.startsWith("StepExecute"));
    expect(attempts).toHaveLength(2);
    expect(attempts[1]).toMatchObject({
      status: "error",
      message: "busy",
      attributes: { "station.attempt": 2, "error.type": "llm_unavailable" },
    });
  });

  it("ends what was open when the run is cancelled", () => {
    const wait = {
      type: "timer" as const,
      name: "wait",
      wait: { seconds: 60 },
      transition: { end: true as const },
    };
    const drive = new Drive(workflow([wait])).settle();
    drive.send({ type: "cancel", reason: "enough" });
    expect(tree(traced(drive))).toEqual([
      "WorkflowRun w > StateTransition wait unset",
      "– > WorkflowRun w unset",
    ]);
  });
});
