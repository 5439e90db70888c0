import { nestedBlocks } from "./graph.ts";
import type { Definition, State, StateType } from "./types.ts";

/**
 * The newest form of a definition that this program can run. It grows with everything that a program which does not know
 * it must not pass over: a type of state, an action, a field that changes what a run does. A definition that has such a
 * thing says so (`form`), and programs from before leave its runs to newer ones.
 */
const KNOWN_FORM = 3;

/** The form of a definition of which only so many runs may go on at once. */
const LIMITED_FORM = 2;

/**
 * From this form on, of `steps` a block that follows another in a try is opened with the results which that one had, and not
 * with all there are: those of before would be written into each event again.
 */
const LEAN_FORM = 3;

/** What a program must know to run this; nothing says so in what every program knows. */
export function formOf({
  concurrency,
  states,
}: Pick<Definition, "concurrency" | "states">): number | undefined {
  return hasFollowingBlocks(states) ? LEAN_FORM : concurrency && LIMITED_FORM;
}

/** True for a definition whose blocks are opened with what earlier ones wrote alone. */
export function isLean({ form = 1 }: Definition): boolean {
  return form >= LEAN_FORM;
}

function hasFollowingBlocks(states: readonly State[]): boolean {
  return states.some(
    (state) =>
      (state.type === "try" && (state.catch ?? state.finally) !== undefined) ||
      nestedBlocks(state).some(({ block }) => hasFollowingBlocks(block.states)),
  );
}

const TYPES: Readonly<Record<StateType, true>> = {
  operation: true,
  switch: true,
  parallel: true,
  inject: true,
  foreach: true,
  transform: true,
  timer: true,
  signal: true,
  try: true,
};
const ACTIONS: ReadonlySet<string> = new Set(["agent.run", "human.approval", "workflow.run"]);

/** What of a stored definition this program does not know; `null`: it knows everything. */
export function unknownIn({ form = 1, states }: Definition): string | null {
  return form > KNOWN_FORM ? `form ${form}` : unknownState(states);
}

function unknownState(states: readonly State[]): string | null {
  for (const state of states) {
    if (!Object.hasOwn(TYPES, state.type)) return `a state of type "${state.type}"`;
    if (state.type === "operation" && !ACTIONS.has(state.action)) return `the action "${state.action}"`;
    for (const { block } of nestedBlocks(state)) {
      const below = unknownState(block.states);
      if (below !== null) return below;
    }
  }
  return null;
}
