import type { Definition, State } from "../definition/types.ts";
import { parsePath } from "../path.ts";
import { blocksOf } from "../run/blocks.ts";

/** The agents whose words may stand at a path of the context, in the order of the definition; none for a path that is none. */
export function writersOf(definition: Definition, path: string): readonly string[] {
  const read = parsePath(path)?.keys ?? null;
  if (read === null) return [];
  const writers = new Set<string>();
  const visit = (states: readonly State[], isWithin: boolean) => {
    for (const state of states) {
      const isWriter = isWithin || writes(state, read);
      if (isWriter && "agent" in state) writers.add(state.agent);
      for (const { states: nested } of blocksOf(state)) visit(nested, isWriter);
    }
  };
  visit(definition.states, read.length === 0);
  return [...writers];
}

/** Whether what the state leaves in the context is, or is part of, or holds what stands at the path. */
function writes(state: State, read: readonly string[]): boolean {
  const places = [["steps", state.name]];
  const result = state.resultPath === undefined ? null : parsePath(state.resultPath);
  if (result !== null) places.push([...result.keys]);
  return places.some((place) => place.every((key, i) => i >= read.length || read[i] === key));
}
