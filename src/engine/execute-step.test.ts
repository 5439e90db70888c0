import { describe, expect, it } from "vitest";
import { AT, creating, step as stepOf } from "../../test/contract/store/given.ts";
import { ROOT } from "../core/run/ids.ts";
import type { Run } from "../core/run/run.ts";
import { traceOf } from "../core/trace/context.ts";
import { executeStep } from "./execute-step.ts";
import type { AgentResult, AgentRunner } from "./ports/agent-runner.ts";

const run = creating("run_a").run as Run;
const { traceId } = traceOf(run);

/** What the log says of an attempt that an agent makes this of; the agent takes a quarter of a second. */
async function logged(agent: (signal: AbortSignal) => Promise<AgentResult>, deadline: number | null = null) {
  const lines: unknown[] = [];
  let now = AT;
  const ports = {
    agents: {
      async run(_request: unknown, signal: AbortSignal) {
        const result = await agent(signal);
        now += 250;
        return result;
      },
    } as AgentRunner,
    clock: { now: () => now, random: () => 0.5 },
    log: { info: (...line: unknown[]) => lines.push(line), warn() {}, error() {} },
  };
  const step = stepOf("run_a", ROOT, "check", { attempt: 2, deadline });
  const result = await executeStep(ports, run, step, new AbortController());
  const common = { run_id: "run_a", step_id: step.id, attempt: 2, executor: "agent.run" };
  return { lines, result, common: { ...common, duration_ms: 250, trace_id: traceId } };
}

describe("the log line of an attempt", () => {
  it("says which, of which run and trace, how long it took and how it went", async () => {
    const { lines, common } = await logged(async () => ({
      status: "completed",
      output: 1,
      simulated: false,
    }));
    expect(lines).toEqual([["step executed", { ...common, status: "completed" }]]);
  });

  it("says what kind of failure it was", async () => {
    const error = { type: "validation", code: "SCHEMA_VALIDATION_INPUT", message: "no", retryable: false };
    const { lines, common } = await logged(async () => ({ status: "failed", error }));
    const why = { error_type: "validation", error_code: "SCHEMA_VALIDATION_INPUT" };
    expect(lines).toEqual([["step executed", { ...common, status: "failed", ...why }]]);
  });

  it("says that its time was over, and not that the agent was interrupted by that", async () => {
    const error = { type: "cancelled", code: "cancelled", message: "interrupted", retryable: false };
    const interrupted = (signal: AbortSignal) =>
      new Promise<AgentResult>((resolve) =>
        signal.addEventListener("abort", () => resolve({ status: "failed", error })),
      );
    const { lines, common, result } = await logged(interrupted, AT + 1);
    const why = { error_type: "timeout", error_code: "TIMEOUT" };
    expect(lines).toEqual([["step executed", { ...common, status: "failed", ...why }]]);
    expect(result).toMatchObject({ status: "failed", error: { type: "timeout" } });
  });
});
