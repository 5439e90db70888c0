import type { Block, Definition, State } from "./types.ts";

/** One way out of a state. `path` is the canonical key that names the target: `conditions/0/next`. */
export type Edge = {
  readonly target: string;
  readonly path: string;
  readonly on: "done" | "choice" | "failure";
};

/** A list of states of a definition, with what messages and pointers need to know about it. */
export type StateList = {
  readonly owner: Definition | Block;
  readonly start: string;
  readonly states: readonly State[];
  /** Canonical pointer of what owns the list. */
  readonly pointer: string;
  /** False for branches, iterators and the blocks of a try. */
  readonly isRoot: boolean;
};

/** Every list of states, the workflow's own first, nested ones in reading order. */
export function stateLists(definition: Definition): readonly StateList[] {
  const root = {
    owner: definition,
    start: definition.start,
    states: definition.states,
    pointer: "",
    isRoot: true,
  };
  return [root, ...nestedLists(definition.states, "")];
}

function nestedLists(states: readonly State[], pointer: string): readonly StateList[] {
  return states.flatMap((state, index) =>
    nestedBlocks(state).flatMap(({ block, path }) => {
      const at = `${pointer}/states/${index}/${path}`;
      const list = { owner: block, start: block.start, states: block.states, pointer: at, isRoot: false };
      return [list, ...nestedLists(block.states, at)];
    }),
  );
}

/** The blocks a state holds, with their canonical keys. */
export function nestedBlocks(state: State): readonly { readonly block: Block; readonly path: string }[] {
  switch (state.type) {
    case "parallel":
      return state.branches.map((block, index) => ({ block, path: `branches/${index}` }));
    case "foreach":
      return [{ block: state.iterator, path: "iterator" }];
    case "try":
      return [
        { block: state.try, path: "try" },
        ...(state.catch ? [{ block: state.catch, path: "catch" }] : []),
        ...(state.finally ? [{ block: state.finally, path: "finally" }] : []),
      ];
    case "operation":
    case "switch":
    case "inject":
    case "transform":
    case "timer":
    case "signal":
      return [];
  }
}

/** Every state of a definition at every depth, with its canonical pointer. */
export function allStates(
  definition: Definition,
): readonly { readonly state: State; readonly pointer: string }[] {
  return stateLists(definition).flatMap(({ states, pointer }) =>
    states.map((state, index) => ({ state, pointer: `${pointer}/states/${index}` })),
  );
}

/** Every way out of a state to another of its list. */
export function edgesOf(state: State): readonly Edge[] {
  const failure: readonly Edge[] = state.onError
    ? [{ target: state.onError.next, path: "onError/next", on: "failure" }]
    : [];
  if (state.type === "switch") {
    const arms = state.conditions.map(
      ({ next }, index): Edge => ({ target: next, path: `conditions/${index}/next`, on: "choice" }),
    );
    const otherwise: readonly Edge[] =
      state.defaultNext === undefined
        ? []
        : [{ target: state.defaultNext, path: "defaultNext", on: "choice" }];
    return [...arms, ...otherwise, ...failure];
  }
  const onward: readonly Edge[] =
    "next" in state.transition ? [{ target: state.transition.next, path: "next", on: "done" }] : [];
  return [...onward, ...decisions(state), ...failure];
}

function decisions(state: State): readonly Edge[] {
  if (state.type !== "operation" || state.action !== "human.approval") return [];
  return (["onReject", "onTimeout"] as const).flatMap((key) => {
    const outcome = state[key];
    return typeof outcome === "object"
      ? [{ target: outcome.next, path: `${key}/next`, on: "choice" as const }]
      : [];
  });
}

/** True when a branch can end by leaving this state, other than by failing. */
export function canEnd(state: State): boolean {
  return state.type !== "switch" && "end" in state.transition;
}

/** The states that can be reached from a list's start. */
export function reachable(list: StateList): ReadonlySet<string> {
  const byName = statesByName(list.states);
  const seen = new Set<string>();
  const waiting = [list.start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const state = byName.get(name);
    if (!state || seen.has(name)) continue;
    seen.add(name);
    waiting.push(...edgesOf(state).map(({ target }) => target));
  }
  return seen;
}

/** States by name; of several with one name the first. */
export function statesByName(states: readonly State[]): ReadonlyMap<string, State> {
  return new Map([...states].reverse().map((state) => [state.name, state]));
}
