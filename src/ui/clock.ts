import { useSyncExternalStore } from "react";
import { isStale, onConnection } from "./connection.ts";
import type { TimeFormat } from "./format.ts";

// One clock for the whole page: everything that ticks does so together, once a second.
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** The time, once a second. While the server is away it stands still: what is shown is not known to go on. */
export function useNow(ticks = true): number {
  return useSyncExternalStore(ticks ? subscribe : NEVER, () => now);
}

/** The page's idea of now, outside of rendering. */
export function currentTime(): number {
  return now;
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
  now = Date.now();
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
