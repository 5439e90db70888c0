import type { Retry } from "../types.ts";
import { type Fields, find, innerFields, refuseUnknown } from "./fields.ts";
import { flag, missing, number, seconds, texts } from "./read.ts";
import { fail } from "./report.ts";

const MAX_ATTEMPTS = 100;

/** `retry` of an agent state, with its defaults. */
export function readRetry(state: Fields): Retry | undefined {
  const fields = innerFields(state, "retry");
  if (!fields) return undefined;
  const attempts = find(fields, "maxAttempts", "max_attempts");
  if (!attempts) missing(fields, "maxAttempts", "attempts in all, the first included");
  const backoffSeconds =
    seconds(
      fields,
      [
        [fields, "backoffSeconds"],
        [fields, "backoff_seconds"],
        [fields, "backoff"],
      ],
      "backoffSeconds",
      0,
    ) ?? 1;
  const longest = seconds(
    fields,
    [
      [fields, "maxBackoffSeconds"],
      [fields, "max_backoff_seconds"],
    ],
    "maxBackoffSeconds",
    0,
  );
  const retryOn = texts(fields, find(fields, "retryOn", "retry_on"), "INVALID_RETRY");
  const nonRetryable = texts(fields, find(fields, "nonRetryable", "non_retryable"), "INVALID_RETRY");
  const retry: Retry = {
    maxAttempts: number(fields, attempts, { min: 1, max: MAX_ATTEMPTS, whole: true }, "INVALID_RETRY") ?? 1,
    backoffSeconds,
    multiplier: number(fields, find(fields, "multiplier"), { min: 1, max: 100 }, "INVALID_RETRY") ?? 2,
    maxBackoffSeconds: longest ?? Math.max(300, backoffSeconds),
    jitter: flag(fields, find(fields, "jitter")) ?? true,
    ...(retryOn && { retryOn }),
    ...(nonRetryable && { nonRetryable }),
  };
  if (longest !== undefined && longest < backoffSeconds)
    fail(
      fields.report,
      "INVALID_RETRY",
      fields.moved.get("maxBackoffSeconds") ?? fields.pointer,
      `"maxBackoffSeconds" of ${fields.what} is less than its "backoffSeconds"`,
      { expected: `at least ${backoffSeconds}`, actual: longest },
    );
  refuseUnknown(fields);
  return retry;
}
