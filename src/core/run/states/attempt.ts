import type { Retry } from "../../definition/types.ts";
import { named } from "../moves.ts";
import { retryAt } from "../retry.ts";
import type { Step, StepError } from "../run.ts";
import type { Turn } from "../turn.ts";

/** An attempt failed; the next one follows when there is to be one. */
export function failAttempt(turn: Turn, step: Step, retry: Retry | undefined, error: StepError): void {
  const placed: StepError = { ...error, state: step.state, attempt: step.attempt };
  const due = retryAt(retry, step.attempt, error, turn.world);
  turn.emit({
    type: error.type === "timeout" ? "step.timed_out" : "step.failed",
    ...named(step),
    attempt: step.attempt,
    error: placed,
    ...(due === null ? {} : { retryAt: due }),
  });
}
