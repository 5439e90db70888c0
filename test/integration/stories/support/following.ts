import { expect } from "vitest";
import type { RunEventItem } from "../../../../src/http/schemas/runs.ts";
import type { Station } from "./station.ts";

/** Follows a run to its end, whatever happens to the server. */
export function follow(station: Station, runId: string) {
  const caughtUp = Promise.withResolvers<void>();
  const reconnects: unknown[] = [];
  const all = (async () => {
    const events: RunEventItem[] = [];
    const options = { onCaughtUp: caughtUp.resolve, onReconnect: (why: unknown) => reconnects.push(why) };
    for await (const event of station.client.stream(runId, options)) events.push(event);
    return events;
  })();
  return { runId, all, reconnects, caughtUp: caughtUp.promise };
}

/** What was followed is what was kept, once each and in order, and the connection did break. */
export async function expectWholeStory(station: Station, seen: ReturnType<typeof follow>): Promise<void> {
  const told = await seen.all;
  const kept = await station.events(seen.runId);
  expect(told.map(withoutHash)).toEqual(kept.map(withoutHash));
  expect(told.at(-1)?.type).toBe("run.completed");
  expect(seen.reconnects.length).toBeGreaterThan(0);
}

/** An event is sealed a moment after it has happened. */
export function withoutHash({ hash: _, ...event }: RunEventItem) {
  return event;
}
