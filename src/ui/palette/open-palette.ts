import { useSyncExternalStore } from "react";
import { activeKeys, type KeyId } from "../keys.ts";

/** What could be done by key when the palette was opened: the page below goes on answering them. */
export type PaletteAsked = { readonly actions: readonly KeyId[] };

let asked: PaletteAsked | null = null;
const listeners = new Set<() => void>();

/** Opens the palette; while it is open, closes it. Over another dialog it does not open. */
export function togglePalette(): void {
  if (asked) closePalette();
  else if (!document.querySelector('[role="dialog"],[role="alertdialog"]')) set({ actions: activeKeys() });
}

export function closePalette(): void {
  set(null);
}

/** What it is open for; null while it is closed. */
export function usePaletteAsked(): PaletteAsked | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
}

function set(what: PaletteAsked | null): void {
  asked = what;
  for (const listener of listeners) listener();
}
