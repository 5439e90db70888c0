import { useSyncExternalStore } from "react";
import type { JsonObject } from "../../../core/json.ts";

/** What the start dialog is open for; without an id the person chooses there. */
export type StartAsked = {
  readonly workflowId?: string | undefined;
  readonly environment?: string | undefined;
  /** What the form begins with. */
  readonly input?: JsonObject | undefined;
};

let asked: StartAsked | null = null;
const listeners = new Set<() => void>();

/** Opens the start dialog, from anywhere. */
export function openStart(what: StartAsked = {}): void {
  set(what);
}

/** Closes it. */
export function closeStart(): void {
  set(null);
}

/** What it is open for; null while it is closed. */
export function useStartAsked(): StartAsked | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
}

function set(what: StartAsked | null): void {
  asked = what;
  for (const listener of listeners) listener();
}
