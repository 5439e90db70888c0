import type { Definition, State } from "../definition/types.ts";
import { ROOT } from "../run/ids.ts";
import type { Run } from "../run/run.ts";

/** Top-level states a run has not entered: those it may yet come to, and those it passed by. */
export type Forecast = { readonly ahead: readonly string[]; readonly notTaken: readonly string[] };

/** What lies ahead, as far as the definition says. Places only an error leads to are not announced. */
export function forecast(definition: Definition, run: Run | null, isOver: boolean): Forecast {
  const entered = new Set<string>();
  for (const step of Object.values(run?.steps ?? {})) if (step.branch === ROOT) entered.add(step.state);
  const rest = definition.states.map(({ name }) => name).filter((name) => !entered.has(name));
  if (isOver) return { ahead: [], notTaken: rest };
  const position = run?.branches[ROOT]?.position;
  const from = position === undefined ? definition.start : position.at === "closed" ? null : position.state;
  const expected = reachable(definition, from, nextOf);
  const possible = reachable(definition, from, (state) => [...nextOf(state), ...errorNextOf(state)]);
  return {
    ahead: rest.filter((name) => expected.has(name)),
    notTaken: rest.filter((name) => !possible.has(name)),
  };
}

function reachable(
  { states }: Definition,
  from: string | null,
  edges: (state: State) => readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  const open = from === null ? [] : [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    const state = states.find((candidate) => candidate.name === name);
    if (state) open.push(...edges(state));
  }
  return found;
}

function nextOf(state: State): readonly string[] {
  if (state.type === "switch")
    return [...state.conditions.map(({ next }) => next), ...(state.defaultNext ? [state.defaultNext] : [])];
  return "next" in state.transition ? [state.transition.next] : [];
}

function errorNextOf(state: State): readonly string[] {
  const handler = state.onError ? [state.onError.next] : [];
  if (state.type !== "operation" || state.action !== "human.approval") return handler;
  const { onReject, onTimeout } = state;
  return [...handler, ...[onReject, onTimeout].flatMap((way) => (typeof way === "object" ? [way.next] : []))];
}
