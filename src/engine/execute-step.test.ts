import { describe, expect, it } from "vitest";
import { AT, creating, definition, step as stepOf } from "../../test/contract/store/given.ts";
import type { Definition } from "../core/definition/types.ts";
import { ROOT } from "../core/run/ids.ts";
import type { Run } from "../core/run/run.ts";
import { traceOf } from "../core/trace/context.ts";
import { executeStep } from "./execute-step.ts";
import type { AgentResult, AgentRunner } from "./ports/agent-runner.ts";

/** A run whose agent may try three times. */
const retry = { maxAttempts: 3, backoffSeconds: 1, multiplier: 1, maxBackoffSeconds: 1, jitter: false };
const states = definition.states.map((state) => ({ ...state, retry, timeoutSeconds: 30 }));
const run: Run = { ...(creating("run_a").run as Run), definition: { ...definition, states } as Definition };
const { traceId } = traceOf(run);

/** What the log says of an attempt that an agent makes this of; the agent takes a quarter of a second. */
async function logged(
  agent: (signal: AbortSignal) => Promise<AgentResult>,
  { attempt = 2, deadline = null }: { readonly attempt?: number; readonly deadline?: number | null } = {},
) {
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
  // The first attempt began long before.
  const step = stepOf("run_a", ROOT, "check", { attempt, deadline, startedAt: AT - 3_600_000 });
  const result = await executeStep(ports, run, step, new AbortController());
  const common = { run_id: "run_a", step_id: step.id, attempt, executor: "agent.run" };
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

  it.each([
    ["the last of several was in vain", 3, true, "retry_exhausted"],
    ["no other would have helped, also the last", 3, false, "agent_error"],
    ["another follows", 2, true, "agent_error"],
  ])("says that %s", async (_, attempt, retryable, error_type) => {
    const error = { type: "agent_error", code: "llm_unavailable", message: "busy", retryable };
    const { lines, common } = await logged(async () => ({ status: "failed", error }), { attempt });
    const why = { error_type, error_code: "llm_unavailable" };
    expect(lines).toEqual([["step executed", { ...common, status: "failed", ...why }]]);
  });

  it("says that its time was over, and not that the agent was interrupted by that", async () => {
    const error = { type: "cancelled", code: "cancelled", message: "interrupted", retryable: false };
    const interrupted = (signal: AbortSignal) =>
      new Promise<AgentResult>((resolve) =>
        signal.addEventListener("abort", () => resolve({ status: "failed", error })),
      );
    const { lines, common, result } = await logged(interrupted, { deadline: AT + 1 });
    const why = { error_type: "timeout", error_code: "TIMEOUT" };
    expect(lines).toEqual([["step executed", { ...common, status: "failed", ...why }]]);
    expect(result).toMatchObject({
      status: "failed",
      error: { type: "timeout", message: 'attempt 2 of "check" took longer than 30 s' },
    });
  });
});
