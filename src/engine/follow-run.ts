import { isTerminalEvent } from "../core/run/events.ts";
import type { RunId } from "../core/run/ids.ts";
import type { EventView, Ports } from "./ports.ts";

/** A run's events as they happen. `caught-up` once, after the history; `end` after the last event there will be. */
export type Followed =
  | { readonly kind: "event"; readonly event: EventView }
  | { readonly kind: "caught-up" }
  | { readonly kind: "end" };

const PAGE = 500;

/**
 * Reads the event table from `after` on; announcements only wake it, and a safety poll (`pollMs`) finds what they
 * missed. So order is exact and any process can serve any run.
 */
export async function* followRun(
  ports: Pick<Ports, "store" | "queue">,
  runId: RunId,
  after: number,
  signal: AbortSignal,
  pollMs = 5000,
): AsyncGenerator<Followed> {
  const bell = new Bell();
  const stop = ports.queue.onAnnounced((runIds) => {
    if (runIds.includes(runId)) bell.ring();
  });
  const onAbort = () => bell.ring();
  signal.addEventListener("abort", onAbort);
  try {
    let seq = after;
    let isCaughtUp = false;
    while (!signal.aborted) {
      const events = await ports.store.queries.events(runId, seq, PAGE);
      for (const event of events) {
        yield { kind: "event", event };
        seq = event.seq;
        if (isTerminalEvent(event.event)) {
          if (!isCaughtUp) yield { kind: "caught-up" };
          yield { kind: "end" };
          return;
        }
      }
      if (events.length === PAGE) continue;
      if (!isCaughtUp) {
        isCaughtUp = true;
        yield { kind: "caught-up" };
      }
      await bell.wait(pollMs);
    }
  } finally {
    stop();
    signal.removeEventListener("abort", onAbort);
  }
}

/** Wakes one waiter; a ring while nobody waits is remembered. */
class Bell {
  #rung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    this.#rung = false;
  }
}
