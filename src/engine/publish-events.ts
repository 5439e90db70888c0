import { Lru } from "../core/lru.ts";
import type { RunId } from "../core/run/ids.ts";
import { traceOf } from "../core/trace/context.ts";
import { pause } from "./pause.ts";
import type { PlacedEvent } from "./ports/queries.ts";
import type { PublishedEvent } from "./ports/queue.ts";
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
  const traced = tracing(ports);
  let cursor: number | null = null;
  while (!signal.aborted) {
    let wait = options.everyMs;
    try {
      if (await isPublisher()) {
        cursor ??= (await ports.store.cursors.read(CURSOR)) ?? 0;
        const events = await ports.store.queries.eventsSince(cursor, options.batch);
        const last = events.at(-1);
        if (last) {
          await ports.queue.publishEvents(await traced(events));
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

/** Runs whose traces are remembered: those that go on at the same time, and more. */
const REMEMBERED = 20_000;

/**
 * Adds to events the traces of their runs. A run's first event says it; only for runs whose first event was published by
 * somebody else, or long ago, the database is asked, once for all of them.
 */
function tracing({ store }: Pick<Ports, "store">) {
  const known = new Lru<RunId, string>(REMEMBERED);
  return async (events: readonly PlacedEvent[]): Promise<readonly PublishedEvent[]> => {
    const traces = new Map<RunId, string>();
    const unknown = new Set<RunId>();
    for (const { runId, event } of events) {
      if (traces.has(runId) || unknown.has(runId)) continue;
      const first =
        event.type === "run.created" ? traceOf({ id: runId, traceparent: event.traceparent ?? null }) : null;
      const traceId = first?.traceId ?? known.get(runId);
      if (traceId === undefined) unknown.add(runId);
      else traces.set(runId, traceId);
    }
    const found = unknown.size === 0 ? null : await store.queries.traceIds([...unknown]);
    for (const runId of unknown)
      traces.set(runId, found?.get(runId) ?? traceOf({ id: runId, traceparent: null }).traceId);
    for (const [runId, traceId] of traces) known.set(runId, traceId);
    return events.map((event) => ({ ...event, traceId: traces.get(event.runId) ?? "" }));
  };
}
