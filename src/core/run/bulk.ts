import type { RunStatus } from "./run.ts";

/** What can be done to many runs at once. */
export type BulkAction = "pause" | "resume" | "cancel" | "rerun";

/** The statuses of the runs that an action can do anything to. */
export const APPLIES: Readonly<Record<BulkAction, readonly RunStatus[]>> = {
  pause: ["RUNNING", "WAITING_APPROVAL", "WAITING_SIGNAL"],
  resume: ["PAUSED"],
  cancel: ["PENDING", "RUNNING", "WAITING_APPROVAL", "WAITING_SIGNAL", "PAUSED"],
  rerun: ["COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"],
};
