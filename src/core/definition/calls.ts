import { allStates } from "./graph.ts";
import type { CallState, Definition } from "./types.ts";

/** A state that runs another workflow, with its canonical pointer. */
export type PlacedCall = { readonly state: CallState; readonly pointer: string };

const known = new WeakMap<Definition, readonly PlacedCall[]>();

/** The states of a definition, at every depth, that run other workflows. */
export function callsIn(definition: Definition): readonly PlacedCall[] {
  let calls = known.get(definition);
  if (!calls) {
    calls = allStates(definition).flatMap(({ state, pointer }) =>
      state.type === "operation" && state.action === "workflow.run" ? [{ state, pointer }] : [],
    );
    known.set(definition, calls);
  }
  return calls;
}
