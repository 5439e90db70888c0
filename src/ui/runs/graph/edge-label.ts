import type { GraphEdge } from "./graph-of.ts";

const MOST_CHARS = 34;
/** ` · 0.083 ✓`: what a switch saw has its room before anything runs, so that nothing moves when it is known. */
const SEEN_CHARS = 10;

/** How many characters the label of an edge may have: the layout gives it so much room and no more. */
export function labelChars({ kind, label }: Pick<GraphEdge, "kind" | "label">): number {
  return Math.min(MOST_CHARS, (label?.length ?? 0) + (kind === "arm" ? SEEN_CHARS : 0));
}

/** A condition and what it saw as one text, whole: `error_rate > 0.05 · 0.083 ✓`. */
export function labelOf(label: string, seen: string | null): string {
  if (seen === null) return label;
  return seen === "✓" || seen === "✕" ? `${label} ${seen}` : `${label} · ${seen}`;
}

/** The same within `chars`; the condition is cut before what it saw, and the verdict never. */
export function shortLabelOf(label: string, seen: string | null, chars: number): string {
  const whole = labelOf(label, seen);
  if (whole.length <= chars || seen === null) return cut(whole, chars);
  const tail = whole.slice(label.length);
  const room = chars - Math.min(label.length, LEAST_CONDITION);
  const shownTail = tail.length <= room ? tail : `${cut(tail.slice(0, -2), room - 2)}${tail.slice(-2)}`;
  return `${cut(label, chars - shownTail.length)}${shownTail}`;
}

const LEAST_CONDITION = 10;

function cut(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}
