import type { ConsumerInfo, JetStreamManager } from "@nats-io/jetstream";
import { PermissionViolationError } from "@nats-io/transport-node";
import type { Backlog } from "../../engine/ports/queue.ts";
import { type Names, WORKERS } from "./names.ts";

/** What waits in the task stream and what workers hold of it, as the server knows it. */
export async function backlogOf(manager: JetStreamManager, names: Names): Promise<Backlog> {
  const info = await manager.consumers.info(names.tasks, WORKERS);
  return {
    pending: info.num_pending,
    oldestMs: info.num_pending === 0 ? 0 : await oldestMs(manager, names, info),
    inHand: info.num_ack_pending,
    redelivered: info.num_redelivered,
  };
}

/** The age of the first message that nobody was handed, by both clocks. What workers hold may be much older. */
async function oldestMs(
  manager: JetStreamManager,
  names: Names,
  { delivered }: ConsumerInfo,
): Promise<number | null> {
  const next = { seq: delivered.stream_seq + 1, next_by_subj: names.taskSubjects };
  try {
    const message = await manager.streams.getMessage(names.tasks, next);
    return message === null ? 0 : Math.max(0, Date.now() - message.time.getTime());
  } catch (error) {
    // The right to read a message came later than the others.
    if (error instanceof Error && error.cause instanceof PermissionViolationError) return null;
    throw error;
  }
}
