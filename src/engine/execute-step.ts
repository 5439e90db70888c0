import type { State } from "../core/definition/types.ts";
import { isObject, type JsonObject } from "../core/json.ts";
import { blockAt, stateIn } from "../core/run/blocks.ts";
import { previousOf } from "../core/run/context.ts";
import { timeoutError } from "../core/run/errors.ts";
import { leaseOf, type Run, type Step } from "../core/run/run.ts";
import type { AttemptResult } from "../core/run/states/agent.ts";
import { idempotencyKey } from "../core/run/step-id.ts";
import { agentSpanId, traceOf, traceparent } from "../core/trace/context.ts";
import { abortAfter } from "./abort-after.ts";
import type { Executed } from "./log-ends.ts";
import type { AgentRequest } from "./ports/agent-runner.ts";
import type { Ports } from "./ports.ts";

/** Why a step in hand was given up; the agent sees it as its signal's reason. */
class StepTimeout extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Lets the agent do an attempt. Its failure is a result like any other; only a world that is away rejects, and then
 * the attempt is taken up again later under the same idempotency key.
 */
export async function executeStep(
  ports: Pick<Ports, "agents" | "clock">,
  run: Run,
  step: Step,
  abort: AbortController,
): Promise<Executed> {
  const stop = step.deadline === null ? null : limited(step, step.deadline - ports.clock.now(), abort);
  const startedAt = ports.clock.now();
  try {
    const made = await ports.agents.run(requestOf(run, step), abort.signal);
    // An agent whose time is over says that it was interrupted.
    const isLate = made.status !== "completed" && abort.signal.reason instanceof StepTimeout;
    const result: AttemptResult = isLate
      ? {
          status: "failed",
          error: timeoutError(
            `attempt ${step.attempt} of "${step.state}"`,
            stateOf(run, step).timeoutSeconds ?? 0,
          ),
        }
      : made;
    return { step, result, durationMs: ports.clock.now() - startedAt, isLogged: false };
  } finally {
    stop?.();
  }
}

function stateOf({ definition }: Run, { branch, state }: Step): State {
  return stateIn(blockAt(definition, branch), state, branch);
}

/** What an agent is asked to do in the attempt that a step stands in. */
export function requestOf(run: Run, step: Step): AgentRequest {
  const input: JsonObject = isObject(step.input) ? step.input : {};
  const { agent, task, variables } = input;
  const lease = leaseOf(step);
  if (!lease) throw new Error(`step ${step.id} is in nobody's hands`);
  return {
    environment: run.workflow.environment,
    agent: typeof agent === "string" ? agent : "",
    task: typeof task === "string" ? task : task === undefined ? null : JSON.stringify(task),
    variables: isObject(variables) ? variables : {},
    previous: previousOf(run, step.branch),
    idempotencyKey: idempotencyKey(run.id, step.id, step.attempt),
    agentRunId: step.agentRunId ?? "",
    runId: run.id,
    branch: step.branch,
    stepId: step.id,
    attempt: step.attempt,
    lease,
    traceparent: traceparent(traceOf(run).traceId, agentSpanId(step.agentRunId ?? "")),
  };
}

function limited({ state }: Step, ms: number, abort: AbortController): () => void {
  return abortAfter(ms, abort, () => new StepTimeout(`"${state}" ran out of time`));
}
