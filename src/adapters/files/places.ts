import type { Scalar } from "yaml";
import type { Locate, Place } from "../../core/definition/diagnostic.ts";
import { parentPointer } from "../../core/definition/pointer.ts";

/** A stretch of the text; marked as far as its first line goes. */
export type Span = Required<Place> & { readonly offset: number };

/** Where a key and its value stand; `scalar` when the value is a text whose inside can be located too. */
export type Entry = { readonly key?: Span; readonly value: Span; readonly scalar?: Scalar };

/** The offsets at which lines start. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The place of `[start, end)`, marked as far as its first line goes. */
export function placeOf(text: string, starts: readonly number[], start: number, end: number): Span {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= start) low = middle;
    else high = middle - 1;
  }
  const lineStart = starts[low] ?? 0;
  const lineEnd =
    text.slice(lineStart, (starts[low + 1] ?? text.length + 1) - 1).trimEnd().length + lineStart;
  const column = start - lineStart + 1;
  return {
    line: low + 1,
    column,
    endColumn: Math.max(column, Math.min(end, lineEnd) - lineStart + 1),
    offset: start,
  };
}

/** Finds pointers in a text; what is not there is placed at the nearest thing around it. */
export function locator(
  text: string,
  starts: readonly number[],
  entries: ReadonlyMap<string, Entry>,
): Locate {
  return (path, on = "value", offset) => {
    const entry = entries.get(path);
    if (entry && on === "value") {
      const inside =
        offset === undefined || !entry.scalar ? null : offsetInScalar(text, entry.scalar, offset);
      const end = entry.scalar?.range?.[1];
      return inside === null || end === undefined ? entry.value : placeOf(text, starts, inside, end);
    }
    if (entry?.key) return entry.key;
    return around(path, entries);
  };
}

function around(path: string, entries: ReadonlyMap<string, Entry>): Place {
  for (let above = path; above !== ""; ) {
    above = parentPointer(above);
    const entry = entries.get(above);
    if (entry && above !== "") return entry.key ?? entry.value;
  }
  return { line: 1, column: 1 };
}

/**
 * Where the `offset`th character of a scalar's value stands in the source. Exact for text on one line without
 * escapes and for `|` blocks; elsewhere `null`, and the start of the value has to do.
 */
function offsetInScalar(text: string, scalar: Scalar, offset: number): number | null {
  if (!scalar.range || typeof scalar.value !== "string") return null;
  const [start, end] = scalar.range;
  const raw = text.slice(start, end);
  if (scalar.type === "PLAIN" && raw === scalar.value) return start + offset;
  if (raw.slice(1, -1) === scalar.value) return start + 1 + offset;
  return scalar.type === "BLOCK_LITERAL" ? offsetInBlock(raw, scalar.value, start, offset) : null;
}

function offsetInBlock(raw: string, value: string, start: number, offset: number): number | null {
  const before = value.slice(0, offset).split("\n");
  const source = raw.split("\n");
  const line = before.length; // the header `|` is line 0
  const wanted = value.split("\n")[line - 1] ?? "";
  const found = source[line]?.replace(/\r$/, "");
  if (!found?.endsWith(wanted)) return null;
  const lineStart = source.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0);
  return start + lineStart + found.length - wanted.length + (before.at(-1)?.length ?? 0);
}
