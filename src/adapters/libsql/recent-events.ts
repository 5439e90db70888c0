import type { SealedText } from "../../core/audit/chain.ts";
import type { Recorded } from "../../core/run/events.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { PlacedEvent } from "../../engine/ports/queries.ts";
import type { EventRow } from "./prepare.ts";

/** Together about what half a second brings, which is how often the trail is followed. */
const MOST_EVENTS = 20_000;
const MOST_CHARACTERS = 8_000_000;

/** Events of one commit, and how each was written: `seq` and `position` are those of the first. */
type Kept = {
  readonly runId: RunId;
  readonly seq: number;
  readonly position: number;
  readonly events: readonly Recorded[];
  readonly rows: readonly EventRow[];
  readonly characters: number;
};

/** An event as it was written, and where. */
export type PlacedText = SealedText & { readonly runId: RunId; readonly position: number };

/**
 * The newest stretch of the trail, as far as this process has committed it without a gap: whoever follows the trail need
 * not have it read back. Only for a database that nobody else writes. Keeps nothing until somebody asks.
 */
export class RecentEvents {
  #isFollowed = false;
  #kept: Kept[] = [];
  #count = 0;
  #characters = 0;

  /** From now on somebody asks; false while there is nothing to ask for. */
  follow(): boolean {
    this.#isFollowed = true;
    return this.#kept.length > 0;
  }

  /** Events that were committed, in the order of their positions; the last one's numbers are given. */
  add(
    { runId, events }: { readonly runId: RunId; readonly events: readonly Recorded[] },
    rows: readonly EventRow[],
    last: { readonly seq: number; readonly position: number },
    characters: number,
  ): void {
    if (!this.#isFollowed || events.length === 0) return;
    const position = last.position - events.length + 1;
    // What is missing in between was committed without our hearing of it, or was not: the database knows.
    if (position !== this.#end()) this.forget();
    this.#kept.push({ runId, seq: last.seq - events.length + 1, position, events, rows, characters });
    this.#count += events.length;
    this.#characters += characters;
    if (this.#count > MOST_EVENTS || this.#characters > MOST_CHARACTERS) this.#forgetOlderHalf();
  }

  /** The events behind `after`, oldest first, at most `limit`; `null` when the first of them is not here. */
  since(after: number, limit: number): readonly PlacedEvent[] | null {
    return this.#behind(after, limit, ({ runId, events }, index, position, seq) => {
      const { at, actor, channel, event } = events[index] as Recorded;
      return { position, runId, seq, at, actor, channel, event, hash: null };
    });
  }

  /** The same as they were written. */
  textsSince(after: number, limit: number): readonly PlacedText[] | null {
    return this.#behind(after, limit, ({ runId, rows }, index, position, seq) => {
      const [at, actor, channel, type, data, spilled] = rows[index] as EventRow;
      return { position, runId, seq, at, actor, channel, type, data, spilled };
    });
  }

  #behind<Found>(
    after: number,
    limit: number,
    found: (kept: Kept, index: number, position: number, seq: number) => Found,
  ): readonly Found[] | null {
    const wanted = after + 1;
    const [oldest] = this.#kept;
    if (!this.follow() || !oldest || wanted < oldest.position || wanted >= this.#end()) return null;
    const all: Found[] = [];
    for (let at = this.#indexOf(wanted); at < this.#kept.length; at++) {
      const kept = this.#kept[at] as Kept;
      for (let index = Math.max(0, wanted - kept.position); index < kept.events.length; index++) {
        if (all.length === limit) return all;
        all.push(found(kept, index, kept.position + index, kept.seq + index));
      }
    }
    return all;
  }

  /** Something in the database changed: ask there. */
  forget(): void {
    this.#kept = [];
    this.#count = 0;
    this.#characters = 0;
  }

  /** The position behind the newest event; `NaN`, which nothing follows on, without any. */
  #end(): number {
    const newest = this.#kept.at(-1);
    return newest ? newest.position + newest.events.length : Number.NaN;
  }

  /** Where the event at a position that is here is kept. */
  #indexOf(position: number): number {
    let low = 0;
    let high = this.#kept.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#kept[middle]?.position ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #forgetOlderHalf(): void {
    for (const { events, characters } of this.#kept.splice(0, Math.ceil(this.#kept.length / 2))) {
      this.#count -= events.length;
      this.#characters -= characters;
    }
  }
}
