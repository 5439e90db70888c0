/** What people can be told of. */
export const NOTIFICATION_TYPES = [
  "approval.requested",
  "approval.reminder",
  "approval.escalated",
  "approval.decided",
  "approval.expired",
  "run.completed",
  "run.failed",
  "run.cancelled",
  "run.timed_out",
] as const;
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];
