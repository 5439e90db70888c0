import type { RunId } from "../../core/run/ids.ts";
import type { EventRow } from "./prepare.ts";

/** Events of one transition, as they were written; `seq` and `position` are those of the last. */
export type Lent = {
  readonly runId: RunId;
  readonly seq: number;
  readonly position: number;
  readonly events: readonly EventRow[];
  readonly characters: number;
};

/** Ends a transition, and separates its parts: signs that no JSON text has. */
const END = "\x1e";
const PART = "\x1f";
const HEAD = 4;
const PARTS_OF_EVENT = 5;

/**
 * Transitions as one text, one behind the other: a tree of small values takes another thread three times as long. `null`
 * for what cannot be written so: a value that is kept as a payload, a name with one of the signs.
 */
export function textOf({ runId, seq, position, events, characters }: Lent): string | null {
  let text = runId + PART + seq + PART + position + PART + characters;
  for (const [at, actor, channel, type, data, spilled] of events) {
    if (spilled !== null || actor.includes(PART) || actor.includes(END)) return null;
    text += PART + at + PART + actor + PART + channel + PART + type + PART + data;
  }
  return text + END;
}

/** The transitions that were written to a text. */
export function lentIn(text: string): readonly Lent[] {
  return text
    .split(END)
    .slice(0, -1)
    .map((one) => {
      const parts = one.split(PART);
      const [runId, seq, position, characters] = parts as [RunId, ...string[]];
      const events = Array.from({ length: (parts.length - HEAD) / PARTS_OF_EVENT }, (_, index): EventRow => {
        const from = HEAD + index * PARTS_OF_EVENT;
        const [at, actor, channel, type, data] = parts.slice(from, from + PARTS_OF_EVENT) as [
          ...[string, string, string, string, string],
        ];
        return [Number(at), actor, channel, type, data, null];
      });
      return {
        runId,
        seq: Number(seq),
        position: Number(position),
        characters: Number(characters),
        events,
      };
    });
}
