import { pause } from "./pause.ts";
import type { Ports } from "./ports.ts";
import { createRole } from "./role.ts";

const CURSOR = "published-events";

export type PublishOptions = { readonly everyMs: number; readonly leaseMs: number; readonly batch: number };

/**
 * Publishes every event to the queue's event stream, in order, one process at a time. At least once: after a crash some
 * events come again, under their numbers. Goes on where the last publisher stopped.
 */
export async function publishEvents(
  ports: Pick<Ports, "store" | "queue" | "clock" | "log">,
  holder: string,
  options: PublishOptions,
  signal: AbortSignal,
): Promise<void> {
  const isPublisher = createRole(ports, "publisher", holder, options.leaseMs);
  let cursor: number | null = null;
  while (!signal.aborted) {
    let wait = options.everyMs;
    try {
      if (await isPublisher()) {
        cursor ??= (await ports.store.cursors.read(CURSOR)) ?? 0;
        const events = await ports.store.queries.eventsSince(cursor, options.batch);
        const last = events.at(-1);
        if (last) {
          await ports.queue.publishEvents(events);
          await ports.store.cursors.advance(CURSOR, last.position);
          cursor = last.position;
          if (events.length === options.batch) wait = 0;
        }
      } else cursor = null;
    } catch (error) {
      cursor = null;
      ports.log.warn("events not published", { error: String(error) });
    }
    await pause(wait, signal);
  }
}
