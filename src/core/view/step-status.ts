import type { Run, Step } from "../run/run.ts";
import type { ShownStatus } from "./status.ts";

/** What people see of a step: one that waits for its next attempt is retrying, one of a paused run is paused. */
export function shownStatusOf(
  run: Pick<Run, "lifecycle">,
  { progress }: Pick<Step, "progress">,
): ShownStatus {
  if (progress.status === "PENDING") {
    if (run.lifecycle.status === "PAUSED") return "PAUSED";
    return progress.error ? "RETRYING" : "PENDING";
  }
  if (progress.status === "RUNNING" && "waiting" in progress && progress.waiting.for === "signal")
    return "WAITING_SIGNAL";
  return progress.status;
}
