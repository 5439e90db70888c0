import { canEnd, edgesOf, statesByName } from "./graph.ts";
import type { State } from "./types.ts";

/**
 * Circles that a run can only leave by failing: one example per group of states that lead to each other, as names
 * with the first repeated at the end. A loop that a condition, a decision or an end can leave is how one polls or
 * tries again, and is none.
 */
export function endlessCycles(states: readonly State[]): readonly (readonly string[])[] {
  const byName = statesByName(states);
  return components(byName)
    .filter((group) => isCycle(group, byName) && !hasExit(group, byName))
    .map((group) => shortestCycle(group, byName));
}

function targets(name: string, byName: ReadonlyMap<string, State>, withFailures: boolean): readonly string[] {
  const state = byName.get(name);
  if (!state) return [];
  return edgesOf(state)
    .filter(({ target, on }) => byName.has(target) && (withFailures || on !== "failure"))
    .map(({ target }) => target);
}

function isCycle(group: ReadonlySet<string>, byName: ReadonlyMap<string, State>): boolean {
  const [first = ""] = group;
  return group.size > 1 || targets(first, byName, true).includes(first);
}

/** An approval that rejects a run also leaves the circle: people decide. */
function hasExit(group: ReadonlySet<string>, byName: ReadonlyMap<string, State>): boolean {
  return [...group].some((name) => {
    const state = byName.get(name);
    if (!state) return false;
    const isDecision = state.type === "operation" && state.action === "human.approval";
    return canEnd(state) || isDecision || targets(name, byName, false).some((target) => !group.has(target));
  });
}

function shortestCycle(group: ReadonlySet<string>, byName: ReadonlyMap<string, State>): readonly string[] {
  const [start = ""] = group;
  const paths: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    for (const target of targets(path.at(-1) ?? "", byName, true)) {
      if (target === start) return [...path, start];
      if (!group.has(target) || seen.has(target)) continue;
      seen.add(target);
      paths.push([...path, target]);
    }
  }
  return [start];
}

type Visit = { readonly name: string; readonly next: Iterator<string> };

/** Tarjan's strongly connected components, without recursion: a list may be long. In order of first appearance. */
function components(byName: ReadonlyMap<string, State>): readonly ReadonlySet<string>[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const found: Set<string>[] = [];
  const enter = (name: string): Visit => {
    index.set(name, index.size);
    low.set(name, index.get(name) ?? 0);
    stack.push(name);
    onStack.add(name);
    return { name, next: targets(name, byName, true)[Symbol.iterator]() };
  };
  const lower = (name: string, to: number | undefined) =>
    low.set(name, Math.min(low.get(name) ?? 0, to ?? 0));
  for (const root of [...byName.keys()].reverse()) {
    const visits = index.has(root) ? [] : [enter(root)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      const step = visit.next.next();
      if (!step.done) {
        if (!index.has(step.value)) visits.push(enter(step.value));
        else if (onStack.has(step.value)) lower(visit.name, index.get(step.value));
        continue;
      }
      visits.pop();
      const parent = visits.at(-1);
      if (parent) lower(parent.name, low.get(visit.name));
      if (low.get(visit.name) === index.get(visit.name)) found.push(popComponent(visit.name, stack, onStack));
    }
  }
  return found;
}

function popComponent(root: string, stack: string[], onStack: Set<string>): Set<string> {
  const from = stack.lastIndexOf(root);
  const group = stack.splice(from);
  for (const name of group) onStack.delete(name);
  return new Set(group);
}
