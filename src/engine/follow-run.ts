import { isTerminalEvent } from "../core/run/events.ts";
import type { RunId } from "../core/run/ids.ts";
import { isOver } from "../core/run/run.ts";
import type { AgentProgress } from "./ports/agents.ts";
import type { EventView } from "./ports/queries.ts";
import type { Ports } from "./ports.ts";

/** A run's events as they happen. `caught-up` once, after the history; `end` after the last event there will be. */
export type Followed =
  | { readonly kind: "event"; readonly event: EventView }
  /** What an agent is doing right now; told once, to whoever is there. */
  | { readonly kind: "progress"; readonly progress: AgentProgress }
  | { readonly kind: "caught-up" }
  | { readonly kind: "end" };

const PAGE = 500;
const MOST_TOLD = 500;

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
  const told: AgentProgress[] = [];
  const deafen = ports.queue.onTold((progress) => {
    // A reader that is this slow reads the transcript.
    if (progress.runId !== runId || told.length >= MOST_TOLD) return;
    told.push(progress);
    bell.ring();
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
      for (const progress of told.splice(0)) yield { kind: "progress", progress };
      await bell.wait(pollMs);
    }
  } finally {
    stop();
    deafen();
    signal.removeEventListener("abort", onAbort);
  }
}

/** How often a run is asked whether it has ended, in case nobody said so. */
const ASK_EVERY_MS = 1000;

/** Resolves when a run has ended, by what is kept or by what is announced, or when `signal` aborts. */
export async function untilEnded(
  ports: Pick<Ports, "store" | "queue">,
  runId: RunId,
  signal: AbortSignal,
): Promise<void> {
  const bell = new Bell();
  let isAnnounced = false;
  const stop = ports.queue.onAnnounced((_, ended) => {
    if (!ended.includes(runId)) return;
    isAnnounced = true;
    bell.ring();
  });
  const onAbort = () => bell.ring();
  signal.addEventListener("abort", onAbort);
  try {
    while (!signal.aborted && !isAnnounced) {
      const status = await ports.store.queries.status(runId);
      if (status !== null && isOver(status)) return;
      await bell.wait(ASK_EVERY_MS);
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
