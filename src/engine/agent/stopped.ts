import { finalError } from "../../core/run/errors.ts";
import type { StepError } from "../../core/run/run.ts";

/** What an aborted signal makes of an agent: a timeout where the signal says so, else a cancellation. */
export function stoppedBy(agent: string, signal: AbortSignal): StepError {
  const reason = signal.reason as { readonly name?: unknown } | null | undefined;
  return reason?.name === "TimeoutError"
    ? {
        type: "timeout",
        code: "TIMEOUT",
        message: `agent "${agent}" was stopped: out of time`,
        retryable: true,
      }
    : finalError("cancelled", "cancelled", `agent "${agent}" was cancelled`);
}
