import type { StepError } from "../run/run.ts";

/** Why a run stands as it does: what it waits for, or what ended it; `null` of one that simply goes on or is done. */
export function whyOf({
  blockedOn,
  error,
  reason,
}: {
  readonly blockedOn: string | null;
  readonly error: Pick<StepError, "message" | "state"> | null;
  readonly reason: string | null;
}): string | null {
  if (error) return error.state === undefined ? error.message : `${error.state}: ${error.message}`;
  return blockedOn ?? reason;
}
