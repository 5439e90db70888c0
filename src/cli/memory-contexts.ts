import { type ContextStore, type Contexts, NO_CONTEXTS } from "./contexts.ts";

/** Contexts in memory, for tests. */
export function memoryContexts(contexts: Contexts = NO_CONTEXTS): ContextStore {
  let kept = contexts;
  return {
    file: "contexts.json",
    read: () => kept,
    write(changed) {
      kept = changed;
    },
  };
}
