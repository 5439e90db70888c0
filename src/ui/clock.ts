import { useSyncExternalStore } from "react";
import { isStale, onConnection } from "./connection.ts";
import type { TimeFormat } from "./format.ts";

// One clock for the whole page: everything that ticks does so together, once a second.
const listeners = new Set<() => void>();
let now = Date.now();
/** How far the server's clock is ahead of this one; null until it has said. */
let ahead: number | null = null;
let timer: ReturnType<typeof setInterval> | undefined;

/** The time, once a second. While the server is away it stands still: what is shown is not known to go on. */
export function useNow(ticks = true): number {
  return useSyncExternalStore(ticks ? subscribe : NEVER, () => now);
}

/** The time by the server's clock, for what is asked and reckoned: also where nothing on the page ticks. */
export function currentTime(): number {
  return Date.now() + (ahead ?? 0);
}

/** Clocks that are so near to one another are taken for the same: an answer is dated to the second, and took a while. */
const SAME_MS = 5000;

/**
 * Takes the server's time from the date of its first answer: what is shown began, ends and is due by its clock, and this
 * one may be wrong.
 */
export function setBy(date: string | null): void {
  if (ahead !== null || date === null) return;
  const theirs = Date.parse(date) - Date.now();
  if (Number.isNaN(theirs)) return;
  ahead = Math.abs(theirs) > SAME_MS ? theirs : 0;
  if (ahead === 0) return;
  tick();
  onSet();
}

let onSet: () => void = () => {};

/** Calls `listener` when the clock was found to be wrong: what was asked by it until then was asked wrongly. */
export function whenSet(listener: () => void): void {
  onSet = listener;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1000);
  if (listeners.size === 1) queueMicrotask(tick);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  if (isStale()) return;
  now = currentTime();
  for (const listener of listeners) listener();
}

const NEVER = () => () => {};

onConnection(() => tick());

const FORMATS: readonly TimeFormat[] = ["relative", "local", "utc"];
const formatListeners = new Set<() => void>();
let format: TimeFormat = FORMATS.find((known) => known === localStorage.getItem("time-format")) ?? "relative";

/** How the person wants times. */
export function useTimeFormat(): TimeFormat {
  return useSyncExternalStore(
    (listener) => {
      formatListeners.add(listener);
      return () => formatListeners.delete(listener);
    },
    () => format,
  );
}

/** Relative, local, UTC, and again. */
export function nextTimeFormat(): TimeFormat {
  format = FORMATS[(FORMATS.indexOf(format) + 1) % FORMATS.length] ?? "relative";
  localStorage.setItem("time-format", format);
  for (const listener of formatListeners) listener();
  return format;
}
