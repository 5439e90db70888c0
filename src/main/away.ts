import { reasonsOf } from "../core/reasons.ts";
import { StoreUnavailable } from "../engine/errors.ts";
import { pause } from "../engine/pause.ts";
import type { Log, Store } from "../engine/ports.ts";

/** How a starting process waits for a database that is away. */
export type Patience = {
  /** Ends the waiting; what was waited for then rejects. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Told of each failure before the next attempt. */
  readonly onAway?: (error: Error) => Promise<void>;
};

const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Attempts again while the database is away, with growing pauses; anything else that goes wrong rejects at once. */
export async function patiently<T>(attempt: () => Promise<T>, { signal, log, onAway }: Patience): Promise<T> {
  for (let ms = SHORTEST_PAUSE_MS; ; ms = Math.min(ms * 2, LONGEST_PAUSE_MS))
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted || !(error instanceof Error) || !isAway(error)) throw error;
      log.warn("database not reachable", { error: reasonsOf(error), retry_ms: ms });
      await onAway?.(error);
      await pause(ms, signal);
    }
}

/** A store that nobody has reached yet: whatever it is asked is refused. */
export function storeAway(reason: Error): Store {
  const refuse = () => Promise.reject(new StoreUnavailable(reasonsOf(reason), { cause: reason }));
  const part = new Proxy({}, { get: () => refuse });
  const own = { ping: refuse, close: async () => {} };
  return new Proxy(own, { get: (_, name) => Reflect.get(own, name) ?? part }) as unknown as Store;
}

function isAway(error: unknown): boolean {
  return error instanceof StoreUnavailable || (error instanceof Error && isAway(error.cause));
}
