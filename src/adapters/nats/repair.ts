import type { JetStreamManager } from "@nats-io/jetstream";
import type { Log } from "../../engine/ports.ts";
import { WORKERS } from "./names.ts";

/**
 * Sets right what a crash of the server can leave between stream and consumer, which are written to disk apart.
 * True when the consumer is of no use any more and has been deleted.
 */
export async function repairWorkQueue(manager: JetStreamManager, stream: string, log: Log): Promise<boolean> {
  const { ack_floor: floor } = await manager.consumers.info(stream, WORKERS);
  // Read second, so that it is not the older of the two.
  const { state } = await manager.streams.info(stream);
  if (floor.stream_seq > state.last_seq) {
    // New messages would get numbers that the consumer believes to be handled.
    log.warn("queue consumer is ahead of its stream", { stream, consumer: WORKERS });
    await manager.consumers.delete(stream, WORKERS);
    return true;
  }
  if (state.messages > 0 && state.first_seq <= floor.stream_seq) {
    // Handled messages that the stream has found on its disk again: nobody would ever be given them.
    const { purged } = await manager.streams.purge(stream, { seq: floor.stream_seq + 1 });
    log.warn("queue removed handled messages that had come back", { stream, count: purged });
  }
  return false;
}
