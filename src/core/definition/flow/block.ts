import { blocksOf } from "../../run/blocks.ts";
import { edgesOf, statesByName } from "../graph.ts";
import { type Shape, union, unionOf } from "../schema/shape.ts";
import { templatesIn } from "../template.ts";
import type { State } from "../types.ts";
import type { BlockEnd, Flow, FlowBlock, Way } from "./flow-types.ts";
import { joinScenes, type Outer, type Scene, sameScene, type View, viewOf, widenScene } from "./scene.ts";
import { step } from "./step.ts";

/** How often a state in a loop is looked at before what still changes is given up. */
const MAX_VISITS = 3;

/**
 * Runs through a list of states along every path: each state is looked at once with all that can come to it, in a
 * loop until nothing new comes. `isFinal`: what comes to each state is shown to `flow.look`.
 */
export function runBlock(
  flow: Flow,
  block: FlowBlock,
  outer: Outer,
  entry: Scene,
  isFinal: boolean,
): BlockEnd {
  const byName = statesByName(block.states);
  const indexes = new Map(block.states.map((state, index) => [state, index]));
  const order = reversePostorder(block.start, byName);
  const arrived = new Map<string, Scene>([[block.start, entry]]);
  const ends = new Map<string, readonly Scene[]>();
  const visits = new Map<string, number>();
  const waiting = new Set([block.start]);

  const views = new Map<Scene, View>();
  const visit = (name: string, report: boolean): readonly Way[] => {
    const [state, scene] = [byName.get(name), arrived.get(name)];
    if (!state || !scene) return [];
    // What a branch has written is laid over its parent's context for every look at it.
    const written = scene.results.properties.size + scene.own.properties.size;
    flow.budget.left -= 1 + written / (outer === null ? 50 : 5);
    const view = views.get(scene) ?? viewOf(flow.world, outer, scene);
    views.set(scene, view);
    const pointer = `${block.pointer}/states/${indexes.get(state)}`;
    if (report) flow.look(state, pointer, view);
    // a state without blocks of its own has nothing more to show
    if (report && blocksOf(state).length === 0 && !flow.pass) return [];
    const ways = step(flow, state, pointer, view, report);
    if (report) for (const way of ways) pass(state, way);
    return ways;
  };
  const pass = (from: State | null, { to: name, scene }: Way): void => {
    const to = name === null ? null : (byName.get(name) ?? null);
    const pointer = to ? `${block.pointer}/states/${indexes.get(to)}` : block.pointer;
    flow.pass?.({ from, to, list: block.pointer, pointer, view: viewOf(flow.world, outer, scene) });
  };
  const arrive = ({ to, scene }: Way): void => {
    if (to === null) return;
    const before = arrived.get(to);
    const after = before ? joinScenes(before, scene) : scene;
    if (before && sameScene(before, after)) return;
    const isLooping = before && (visits.get(to) ?? 0) >= MAX_VISITS;
    arrived.set(to, isLooping ? widenScene(before, after) : after);
    waiting.add(to);
  };

  while (waiting.size > 0 && flow.budget.left > 0)
    for (const name of order) {
      if (flow.budget.left <= 0) break;
      if (!waiting.delete(name)) continue;
      visits.set(name, (visits.get(name) ?? 0) + 1);
      const ways = visit(name, false);
      ways.forEach(arrive);
      ends.set(
        name,
        ways.flatMap(({ to, scene }) => (to === null ? [scene] : [])),
      );
    }
  if (isFinal) {
    pass(null, { to: block.start, scene: entry });
    for (const name of order) if (flow.budget.left > 0) visit(name, true);
  }
  const [first, ...others] = [...ends.values()].flat();
  return {
    end: first ? others.reduce(joinScenes, first) : null,
    result: unionOf([first, ...others].flatMap((scene) => (scene ? [resultOf(block, scene)] : []))),
    failed: block.isTry ? failureOf(block.states, arrived) : null,
  };
}

/** Every state before those it leads to, except around loops. */
function reversePostorder(start: string, byName: ReadonlyMap<string, State>): readonly string[] {
  const seen = new Set<string>();
  const done: string[] = [];
  const open: { readonly name: string; readonly next: Iterator<string> }[] = [];
  const enter = (name: string) => {
    const state = byName.get(name);
    if (!state || seen.has(name)) return;
    seen.add(name);
    open.push({
      name,
      next: edgesOf(state)
        .map(({ target }) => target)
        [Symbol.iterator](),
    });
  };
  enter(start);
  for (let top = open.at(-1); top; top = open.at(-1)) {
    const target = top.next.next();
    if (!target.done) enter(target.value);
    else {
      done.push(top.name);
      open.pop();
    }
  }
  return done.reverse();
}

/** What may have been written when a block fails, at whichever of its states that is. */
function failureOf(states: readonly State[], arrived: ReadonlyMap<string, Scene>): Scene | null {
  const [first, ...others] = states.flatMap((state) => {
    const scene = arrived.get(state.name);
    return scene && canFail(state) ? [scene] : [];
  });
  return first ? others.reduce(joinScenes, first) : null;
}

function canFail(state: State): boolean {
  if (state.onError || state.continueOnError) return false;
  return state.type !== "inject" || templatesIn(state.data).length > 0;
}

/** A block's result is what it wrote itself, or its last state's when it wrote nothing; a shorthand's agent's. */
function resultOf({ resultOf: name, isTry }: FlowBlock, { own, results, last }: Scene): Shape {
  if (name !== undefined) return results.properties.get(name)?.shape ?? "unknown";
  if (isTry || own.properties.size === 0) return last;
  const isCertain = [...own.properties.values()].some(({ always }) => always);
  return isCertain ? [own] : union([own], last);
}
