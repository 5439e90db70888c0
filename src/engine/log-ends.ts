import type { State } from "../core/definition/types.ts";
import { blockAt, stateIn } from "../core/run/blocks.ts";
import { isExhausted } from "../core/run/retry.ts";
import type { Run, Step, StepError } from "../core/run/run.ts";
import type { AttemptResult } from "../core/run/states/agent.ts";
import type { Transition } from "../core/run/transition.ts";
import { traceOf } from "../core/trace/context.ts";
import type { Log } from "./ports.ts";

/** An attempt that was made here. */
export type Executed = {
  readonly step: Step;
  readonly result: AttemptResult;
  readonly durationMs: number;
  /** Set by whoever has told the log of it. */
  isLogged: boolean;
};

/**
 * What a commit has ended, one line each: attempts, steps and the run (PRD §5.2). Only who has committed it knows of it,
 * so that nobody tells it again. `executed`: the attempt whose result was committed; of others the step's time counts.
 */
export function logEnds(log: Log, run: Run, { events, steps }: Transition, executed?: Executed): void {
  for (const { at, event } of events)
    switch (event.type) {
      case "step.succeeded":
      case "step.failed":
      case "step.timed_out": {
        const step = steps.find(({ id }) => id === event.stepId);
        if (!step) break;
        const isMine = executed?.step.id === step.id && executed.step.attempt === event.attempt;
        if (isMine) executed.isLogged = true;
        log.info("step executed", {
          ...factsOf(run, step, event.attempt),
          duration_ms: isMine ? executed.durationMs : at - (step.startedAt ?? step.enteredAt),
          ...("error" in event
            ? { status: "failed", ...failureFacts(run, step, event.attempt, event.error) }
            : { status: "completed" }),
        });
        break;
      }
      case "run.completed":
      case "run.failed":
      case "run.cancelled":
      case "run.timed_out":
        log.info("run ended", {
          run_id: run.id,
          workflow_id: run.workflow.id,
          environment: run.workflow.environment,
          duration_ms: at - (run.startedAt ?? run.createdAt),
          trace_id: traceOf(run).traceId,
          status: event.type.slice("run.".length),
          ...("error" in event && { error_type: event.error.type, error_code: event.error.code }),
        });
        break;
      default:
        break;
    }
}

/** An attempt whose end is in no commit: it waits, or what came of it is nobody's. */
export function logExecuted(log: Log, run: Run, executed: Executed): void {
  if (executed.isLogged) return;
  const { step, result, durationMs } = executed;
  log.info("step executed", {
    ...factsOf(run, step, step.attempt),
    duration_ms: durationMs,
    status: result.status,
    ...(result.status === "failed" && failureFacts(run, step, step.attempt, result.error)),
  });
}

function factsOf(run: Run, step: Step, attempt: number) {
  return {
    run_id: run.id,
    step_id: step.id,
    attempt,
    executor: step.action ?? step.type,
    trace_id: traceOf(run).traceId,
  };
}

/** What kind of failure it was; the code says which, also of the last of several attempts. */
function failureFacts(run: Run, step: Step, attempt: number, error: StepError) {
  const state = stateOf(run, step);
  const retry = "retry" in state ? state.retry : undefined;
  const error_type = isExhausted(retry, attempt, error) ? "retry_exhausted" : error.type;
  return { error_type, error_code: error.code };
}

function stateOf({ definition }: Run, { branch, state }: Step): State {
  return stateIn(blockAt(definition, branch), state, branch);
}
