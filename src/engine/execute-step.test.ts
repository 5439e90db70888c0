import { expect, test } from "vitest";
import { AT, creating, definition, step as stepOf } from "../../test/contract/store/given.ts";
import type { Definition } from "../core/definition/types.ts";
import { ROOT } from "../core/run/ids.ts";
import type { Run } from "../core/run/run.ts";
import { executeStep } from "./execute-step.ts";
import type { AgentResult, AgentRunner } from "./ports/agent-runner.ts";

const states = definition.states.map((state) => ({ ...state, timeoutSeconds: 30 }));
const run: Run = { ...(creating("run_a").run as Run), definition: { ...definition, states } as Definition };

/** What comes of an attempt that an agent makes this of; the agent takes a quarter of a second. */
async function executed(agent: (signal: AbortSignal) => Promise<AgentResult>, deadline: number | null) {
  let now = AT;
  const agents = {
    async run(_request: unknown, signal: AbortSignal) {
      const result = await agent(signal);
      now += 250;
      return result;
    },
  } as AgentRunner;
  // The first attempt began long before.
  const step = stepOf("run_a", ROOT, "check", { attempt: 2, deadline, startedAt: AT - 3_600_000 });
  const clock = { now: () => now, random: () => 0.5 };
  return executeStep({ agents, clock }, run, step, new AbortController());
}

test("an attempt takes as long as its agent, however long ago the first began", async () => {
  const result = { status: "completed", output: 1, simulated: false } as const;
  expect(await executed(async () => result, null)).toMatchObject({ result, durationMs: 250 });
});

test("an attempt whose time is over says so, and not that the agent was interrupted by that", async () => {
  const error = { type: "cancelled", code: "cancelled", message: "interrupted", retryable: false };
  const interrupted = (signal: AbortSignal) =>
    new Promise<AgentResult>((resolve) =>
      signal.addEventListener("abort", () => resolve({ status: "failed", error })),
    );
  expect((await executed(interrupted, AT + 1)).result).toMatchObject({
    status: "failed",
    error: { type: "timeout", code: "TIMEOUT", message: 'attempt 2 of "check" took longer than 30 s' },
  });
});
