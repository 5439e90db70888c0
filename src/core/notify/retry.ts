const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];

/** The pauses before each further attempt, in milliseconds: three days and a bit, after which nobody tries any more. */
const PAUSES: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** How often a delivery is attempted before it is a dead letter. */
export const MOST_ATTEMPTS = PAUSES.length + 1;

/**
 * How long to wait after attempt `attempt` (from 1) failed; `null` after the last. Up to a tenth more or less by `random`
 * (0 to 1), so that what failed together does not come back together; not before the receiver asked for, up to a day.
 */
export function pauseAfter(
  attempt: number,
  random: number,
  askedSeconds: number | null = null,
): number | null {
  const pause = PAUSES[attempt - 1];
  if (pause === undefined) return null;
  const asked = Math.min(Math.ceil((askedSeconds ?? 0) * SECOND), 24 * HOUR);
  return Math.max(Math.round(pause * (0.9 + random * 0.2)), asked);
}

/** What an HTTP status means for a delivery: arrived, nobody there any more, or to be tried again. */
export function verdictOf(status: number): "delivered" | "gone" | "failed" {
  if (status >= 200 && status < 300) return "delivered";
  return status === 410 ? "gone" : "failed";
}
