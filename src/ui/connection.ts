import { useSyncExternalStore } from "react";

/** How the page stands with its server. Times in ms since 1970. */
export type Connection =
  | { readonly is: "connecting" }
  | { readonly is: "connected" }
  /** Nothing that came since `since` is known here. */
  | { readonly is: "reconnecting"; readonly since: number; readonly retryAt: number };

const sources = new Map<symbol, { state: Connection; retry: () => void }>();
const listeners = new Set<() => void>();
let current: Connection = { is: "connecting" };

/** One open stream tells how it stands; `retry` is called when the person does not want to wait. */
export function reportConnection(
  source: symbol,
  state: Connection | null,
  retry: () => void = () => {},
): void {
  if (state === null) sources.delete(source);
  else sources.set(source, { state, retry });
  const next = worst();
  if (sameAs(next, current)) return;
  current = next;
  for (const listener of listeners) listener();
}

/** Tries every broken stream again at once. */
export function retryNow(): void {
  for (const { state, retry } of sources.values()) if (state.is === "reconnecting") retry();
}

/** How the page stands with its server, for drawing it. */
export function useConnection(): Connection {
  return useSyncExternalStore(onConnection, () => current);
}

/** True while what is shown may be old. */
export function isStale(): boolean {
  return current.is === "reconnecting";
}

/** Calls `listener` on every change, until the answer is called. */
export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function worst(): Connection {
  const states = [...sources.values()].map(({ state }) => state);
  const broken = states.filter((state) => state.is === "reconnecting").sort((a, b) => a.since - b.since)[0];
  if (broken) return broken;
  const isUp = states.some(({ is }) => is === "connected");
  return isUp ? { is: "connected" } : { is: "connecting" };
}

function sameAs(a: Connection, b: Connection): boolean {
  if (a.is === "reconnecting" && b.is === "reconnecting")
    return a.since === b.since && a.retryAt === b.retryAt;
  return a.is === b.is;
}
