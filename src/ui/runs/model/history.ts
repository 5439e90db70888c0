import type { Definition } from "../../../core/definition/types.ts";
import { isTerminalEvent, type Recorded } from "../../../core/run/events.ts";
import { begin, fold } from "../../../core/run/evolve.ts";
import type { Run } from "../../../core/run/run.ts";
import { isKnown, recordedOf } from "../../../core/view/fact.ts";
import type { RunEventItem } from "../../../http/schemas/runs.ts";
import { TrailIndex } from "./index-events.ts";
import { LiveAgents } from "./live-agents.ts";

/** At most so many folded runs are kept to start from. */
const MOST_SNAPSHOTS = 40;
const SNAPSHOT_EVERY = 500;

/**
 * A run's events, and the run as it was after any of them: the core's own fold. "Now" is the last event. Snapshots on
 * the way make a jump cost at most the events between two of them.
 */
export class History {
  readonly definition: Definition;
  /** Gap-free from 1: the event with number n is at n − 1. */
  readonly events: RunEventItem[] = [];
  readonly index = new TrailIndex();
  readonly agents = new LiveAgents();
  endedAt: number | null = null;
  #facts: Recorded[] = [];
  #every = SNAPSHOT_EVERY;
  #snapshots = new Map<number, Run>();
  #last: { readonly seq: number; readonly run: Run } | null = null;

  constructor(definition: Definition) {
    this.definition = definition;
  }

  /** The number of the last event. */
  get seq(): number {
    return this.events.length;
  }

  /** Takes events in. One that is known changes nothing; behind a gap nothing is taken, and false is answered. */
  append(items: readonly RunEventItem[]): boolean {
    for (const item of items) {
      if (item.seq <= this.seq) continue;
      if (item.seq !== this.seq + 1) return false;
      this.events.push(item);
      const fact = recordedOf(item);
      this.#facts.push(fact);
      if (!isKnown(item)) continue;
      this.index.take(item.seq, fact);
      if (isTerminalEvent(fact.event)) this.endedAt = fact.at;
    }
    return true;
  }

  /** The run after event `n`, null before the first. */
  at(n: number): Run | null {
    const seq = Math.min(Math.max(n, 0), this.seq);
    if (seq === 0) return null;
    if (this.#last?.seq === seq) return this.#last.run;
    const start = this.#before(seq);
    let run = start.run;
    for (let from = start.seq; from < seq; ) {
      const to = Math.min(seq, from - (from % this.#every) + this.#every);
      run = this.#folded(run, from, to);
      if (to % this.#every === 0) this.#keep(to, run);
      from = to;
    }
    this.#last = run && { seq, run };
    return run;
  }

  /** The time of event `n`, in ms. */
  timeAt(n: number): number {
    return this.#facts[n - 1]?.at ?? 0;
  }

  fact(n: number): Recorded | undefined {
    return this.#facts[n - 1];
  }

  #before(seq: number): { readonly seq: number; readonly run: Run | null } {
    const known = seq - (seq % this.#every);
    for (let at = known; at > 0; at -= this.#every) {
      const run = this.#snapshots.get(at);
      if (this.#last && this.#last.seq <= seq && this.#last.seq > at) return this.#last;
      if (run) return { seq: at, run };
    }
    return this.#last && this.#last.seq <= seq ? this.#last : { seq: 0, run: null };
  }

  #folded(run: Run | null, from: number, to: number): Run | null {
    let current = run;
    const facts = [];
    for (let i = from; i < to; i++) {
      const fact = this.#facts[i];
      const item = this.events[i];
      if (!fact || !item || !isKnown(item)) continue;
      const { event } = fact;
      if (event.type === "run.created") current = begin(this.definition, { ...fact, event });
      else facts.push(fact);
    }
    return current && fold(current, facts);
  }

  #keep(seq: number, run: Run | null): void {
    if (!run) return;
    this.#snapshots.set(seq, run);
    if (this.#snapshots.size <= MOST_SNAPSHOTS) return;
    this.#every *= 2;
    for (const at of this.#snapshots.keys()) if (at % this.#every !== 0) this.#snapshots.delete(at);
  }
}
