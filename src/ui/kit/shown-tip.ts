import type { ReactNode } from "react";

/** What is said about an element. */
export type ShownTip = {
  readonly id: string;
  readonly anchor: Element;
  readonly text: ReactNode;
  readonly shortcut: string | undefined;
};

/** A pointer rests so long before it is told; who reads one tip after the other does not wait. */
const REST_MS = 300;
/** Time for the pointer to come from the element to its tip. */
const LEAVE_MS = 120;

let shown: ShownTip | null = null;
let hiddenAt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function shownTip(): ShownTip | null {
  return shown;
}

/** Calls `listener` on every change, until the answer is called. */
export function onTip(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Shows a tip: when the pointer has rested, or at once. There is one at a time. */
export function showTip(tip: ShownTip, when: "rested" | "now"): void {
  clearTimeout(timer);
  if (shown?.id === tip.id) return;
  const isReading = shown !== null || Date.now() - hiddenAt < REST_MS;
  if (when === "now" || isReading) change(tip);
  else timer = setTimeout(() => change(tip), REST_MS);
}

/** Stays as long as the pointer is on the tip itself. */
export function keepTip(): void {
  clearTimeout(timer);
}

/** Hides a tip, or any; `soon` leaves time to reach it. */
export function hideTip(id: string | null, when: "now" | "soon" = "now"): void {
  clearTimeout(timer);
  if (shown === null || (id !== null && shown.id !== id)) return;
  if (when === "now") change(null);
  else timer = setTimeout(() => change(null), LEAVE_MS);
}

function change(tip: ShownTip | null): void {
  if (tip === null && shown !== null) hiddenAt = Date.now();
  shown = tip;
  for (const listener of listeners) listener();
}
