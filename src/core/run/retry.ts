import type { Retry } from "../definition/types.ts";
import { LATEST } from "../time.ts";
import type { StepError } from "./run.ts";

/**
 * When the attempt after `attempt` is due (ms since 1970), or `null` when there is none. The delay is
 * backoffSeconds × multiplier^(attempt−1), at most maxBackoffSeconds, spread over ±50 % with jitter; never less
 * than what the failing side asked for.
 */
export function retryAt(
  retry: Retry | undefined,
  attempt: number,
  error: StepError,
  world: { readonly now: number; readonly random: number },
): number | null {
  if (!retry || attempt >= retry.maxAttempts || !mayRetry(retry, error)) return null;
  const grown = retry.backoffSeconds * retry.multiplier ** (attempt - 1);
  const capped = Math.min(grown, retry.maxBackoffSeconds);
  const spread = retry.jitter ? capped * (0.5 + world.random) : capped;
  const dueAt = world.now + Math.round(Math.max(spread, error.retryAfterSeconds ?? 0) * 1000);
  return Math.min(dueAt, LATEST);
}

/** Whether an attempt was the last of several: its error would have been tried again. */
export function isExhausted(retry: Retry | undefined, attempt: number, error: StepError): boolean {
  return retry !== undefined && attempt > 1 && attempt >= retry.maxAttempts && mayRetry(retry, error);
}

function mayRetry({ retryOn, nonRetryable }: Retry, { code, type, retryable }: StepError): boolean {
  const isNamed = (names: readonly string[]) => names.some((name) => name === code || name === type);
  if (nonRetryable && isNamed(nonRetryable)) return false;
  return retryOn ? isNamed(retryOn) : retryable;
}
