import { useMemo, useState } from "react";
import { type Folding, NO_FOLDING } from "../model/outline.ts";

/** What the person folded, unfolded and filtered in the outline of this run. */
export type FoldingState = {
  readonly folding: Folding;
  /** Folds what is open, and the other way round. */
  toggle(key: string, isOpen: boolean): void;
  toggleOnlyFailed(key: string): void;
};

export function useFolding(): FoldingState {
  const [folding, setFolding] = useState(NO_FOLDING);
  return useMemo(
    () => ({
      folding,
      toggle: (key, isOpen) =>
        setFolding(({ folded, unfolded, onlyFailed }) => ({
          folded: isOpen ? withKey(folded, key) : withoutKey(folded, key),
          unfolded: isOpen ? withoutKey(unfolded, key) : withKey(unfolded, key),
          onlyFailed,
        })),
      toggleOnlyFailed: (key) =>
        setFolding((old) => ({
          ...old,
          onlyFailed: old.onlyFailed.has(key)
            ? withoutKey(old.onlyFailed, key)
            : withKey(old.onlyFailed, key),
        })),
    }),
    [folding],
  );
}

function withKey(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return new Set([...keys, key]);
}

function withoutKey(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  return new Set([...keys].filter((other) => other !== key));
}
