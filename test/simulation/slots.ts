import type { Concurrency, Definition } from "../../src/core/definition/types.ts";
import { isTerminalEvent } from "../../src/core/run/events.ts";
import type { RunId } from "../../src/core/run/ids.ts";
import type { Store } from "../../src/engine/ports.ts";
import type { Chance } from "./random.ts";

const KEY = "shared";
const MOST = 10_000;

/** What some runs of a world share: at most `limit` of them go on at once. */
export function sharedSlots(chance: Chance): Concurrency {
  return { key: KEY, limit: 1 + chance.below(2), onConflict: chance.happens(0.7) ? "queue" : "cancel" };
}

/** As a later version of the workflow may have it: with another limit. */
export function limitedAnew(concurrency: Concurrency, chance: Chance): Concurrency {
  return chance.happens(0.2) ? { ...concurrency, limit: 1 + chance.below(3) } : concurrency;
}

/**
 * Follows all runs through their events in the order they were kept: never more than the limit go on under one key, and
 * nobody starts before it is their turn. A run and those it has called, or those have, count once: for the first of them.
 */
export async function checkSlots(store: Store, definitions: ReadonlyMap<RunId, Definition>): Promise<void> {
  const holding = new Set<RunId>();
  /** Whoever has ever held a slot. */
  const heads = new Set<RunId>();
  /** Called runs that go on within a caller's slot. */
  const within = new Set<RunId>();
  const waiting = new Map<RunId, number>();
  for (let after = 0; ; ) {
    const events = await store.queries.eventsSince(after, MOST);
    const last = events.at(-1);
    if (!last) return;
    after = last.position;
    for (const { runId, at, event } of events) {
      const limit = definitions.get(runId)?.concurrency?.limit;
      if (limit === undefined || within.has(runId)) continue;
      if (event.type === "run.created") {
        const { calledBy, concurrencyKey } = event;
        const callers = calledBy ? [...calledBy.within, calledBy.runId] : [];
        const ofCallers = concurrencyKey === undefined ? heads : holding;
        if (callers.some((caller) => ofCallers.has(caller)) !== (concurrencyKey === undefined))
          throw new Error(
            `${runId}, called by ${callers.join()}, has the key ${concurrencyKey} while ${[...holding].join()} hold it`,
          );
        if (concurrencyKey === undefined) within.add(runId);
        else waiting.set(runId, at);
      }
      if (event.type === "run.started") {
        const createdAt = waiting.get(runId) ?? 0;
        waiting.delete(runId);
        const before = [...waiting].filter(
          ([other, then]) => then < createdAt || (then === createdAt && other < runId),
        );
        if (holding.size + before.length >= limit)
          throw new Error(
            `${runId} started while ${[...holding].join()} went on and ${before.length} were before it; at most ${limit}`,
          );
        holding.add(runId);
        heads.add(runId);
      }
      if (isTerminalEvent(event)) {
        holding.delete(runId);
        waiting.delete(runId);
      }
    }
  }
}
