import type { PubAck } from "@nats-io/jetstream";
import type { Link } from "./link.ts";
import type { Outgoing } from "./wire.ts";

/** More messages on their way at once run into the server's limit of 10,000 unstored ones per stream. */
const WINDOW = 512;
const PATIENCE_MS = 2_000;
const ACK_MS = 3_000;

/** Publishes pipelined; resolves when every message is stored, rejects with `QueueUnavailable`. */
export async function publishAll(
  link: Link,
  messages: readonly Outgoing[],
  onStored?: (ack: PubAck) => void,
): Promise<void> {
  for (let from = 0; from < messages.length; from += WINDOW) {
    const first = await publishWindow(link, messages.slice(from, from + WINDOW), onStored);
    if (first.left.length === 0) continue;
    // The server restarted or the stream is gone: the link sees to both, and the ids make a second try harmless.
    link.check();
    const second = await publishWindow(link, first.left, onStored);
    if (second.left.length > 0) throw link.unavailable(second.error ?? first.error);
  }
}

/** What could not be stored is left over; nobody waits for answers from a server that is gone. */
async function publishWindow(
  link: Link,
  messages: readonly Outgoing[],
  onStored: ((ack: PubAck) => void) | undefined,
): Promise<{ readonly left: readonly Outgoing[]; readonly error: unknown }> {
  const { client } = await link.ready(PATIENCE_MS);
  const open = new Set(messages);
  let error: unknown;
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const forget = link.onDown((reason) => {
    error = reason;
    end();
  });
  const publish = async (message: Outgoing) => {
    const { subject, body, id, headers } = message;
    try {
      const ack = await client.publish(subject, body, { msgID: id, headers, timeout: ACK_MS });
      open.delete(message);
      onStored?.(ack);
    } catch (cause) {
      error ??= cause;
    }
  };
  void Promise.all(messages.map(publish)).then(() => end());
  await over;
  forget();
  return { left: [...open], error };
}
