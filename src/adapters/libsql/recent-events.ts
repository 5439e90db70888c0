import type { Recorded } from "../../core/run/events.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { PlacedEvent } from "../../engine/ports/queries.ts";

/** Together about what half a second brings, which is how often the trail is followed. */
const MOST_EVENTS = 10_000;
const MOST_CHARACTERS = 8_000_000;

/** Events of one commit: `seq` and `position` are those of the first. */
type Kept = {
  readonly runId: RunId;
  readonly seq: number;
  readonly position: number;
  readonly events: readonly Recorded[];
  readonly characters: number;
};

/**
 * The newest stretch of the trail, as far as this process has committed it without a gap: whoever follows the trail need
 * not have it read back. Only for a database that nobody else writes. Keeps nothing until somebody asks.
 */
export class RecentEvents {
  #isFollowed = false;
  #kept: Kept[] = [];
  #count = 0;
  #characters = 0;

  /** Events that were committed, in the order of their positions; the last one's numbers are given. */
  add(
    { runId, events }: { readonly runId: RunId; readonly events: readonly Recorded[] },
    last: { readonly seq: number; readonly position: number },
    characters: number,
  ): void {
    if (!this.#isFollowed || events.length === 0) return;
    const position = last.position - events.length + 1;
    // What is missing in between was committed without our hearing of it, or was not: the database knows.
    if (position !== this.#end()) this.forget();
    this.#kept.push({ runId, seq: last.seq - events.length + 1, position, events, characters });
    this.#count += events.length;
    this.#characters += characters;
    if (this.#count > MOST_EVENTS || this.#characters > MOST_CHARACTERS) this.#forgetOlderHalf();
  }

  /** The events behind `after`, oldest first, at most `limit`; `null` when the first of them is not here. */
  since(after: number, limit: number): readonly PlacedEvent[] | null {
    this.#isFollowed = true;
    const wanted = after + 1;
    const [oldest] = this.#kept;
    if (!oldest || wanted < oldest.position || wanted >= this.#end()) return null;
    const found: PlacedEvent[] = [];
    for (let at = this.#indexOf(wanted); at < this.#kept.length; at++) {
      const kept = this.#kept[at];
      for (const [index, { at: time, actor, channel, event }] of kept?.events.entries() ?? []) {
        if (!kept || kept.position + index < wanted) continue;
        if (found.length === limit) return found;
        const { runId } = kept;
        const position = kept.position + index;
        found.push({ position, runId, seq: kept.seq + index, at: time, actor, channel, event, hash: null });
      }
    }
    return found;
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
