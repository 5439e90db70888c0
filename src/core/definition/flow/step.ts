import { parsePath } from "../../path.ts";
import {
  anyObject,
  emptyObject,
  itemsOf,
  listOf,
  literal,
  type ObjectVariant,
  objectOf,
  objectsIn,
  type Shape,
  scalar,
  unionOf,
} from "../schema/shape.ts";
import { promised, shapeOfSchema } from "../schema/shape-of-schema.ts";
import type { ApprovalState, ForeachState, ParallelState, State, Transition } from "../types.ts";
import { answer, errorNames, errorShape, exit } from "./exit.ts";
import type { Flow, Way } from "./flow-types.ts";
import { filled, keysOf, readShape, type Scene, sceneAt, type View, type Written } from "./scene.ts";
import { tryWays } from "./try.ts";
import { nowhere } from "./whole.ts";

/** Every way out of a state, and what is known on it. Says what each file of `run/states` does, before a run. */
export function step(
  flow: Flow,
  state: State,
  pointer: string,
  view: View,
  isFinal: boolean,
): readonly Way[] {
  return [...done(flow, state, pointer, view, isFinal), ...failed(state, view.scene)];
}

function done(flow: Flow, state: State, pointer: string, view: View, isFinal: boolean): readonly Way[] {
  const { scene } = view;
  const onward = (transition: Transition, result: Shape, merge?: Written): readonly Way[] => [
    { to: targetOf(transition), scene: exit(scene, state, result, merge ? { merge } : {}) },
  ];
  switch (state.type) {
    case "operation":
      if (state.action === "human.approval")
        return [...onward(state.transition, answer(true)), ...refused(state, scene)];
      if (state.action === "workflow.run")
        return onward(state.transition, outputOf(flow.calledOf(state)?.outputSchema));
      return onward(state.transition, outputOf(flow.agentOf(state)?.outputSchema));
    case "switch": {
      const targets = new Set(state.conditions.map(({ next }) => next));
      if (state.defaultNext !== undefined) targets.add(state.defaultNext);
      return [...targets].map((to) => ({ to, scene: exit(scene, state, literal(to)) }));
    }
    case "inject": {
      const data = filled(view, state.data);
      const [merge] = data === "unknown" ? [] : objectsIn(data);
      const isMerged = merge !== undefined && state.resultPath === undefined;
      const written = isMerged ? { own: merge, whole: nowhere, results: emptyObject } : undefined;
      return onward(state.transition, data, written);
    }
    case "transform":
      return onward(state.transition, computed(view, state.expression));
    case "timer":
      return onward(state.transition, scalar("string"));
    case "signal":
      return onward(state.transition, "unknown");
    case "parallel": {
      const result = parallelResult(flow, state, pointer, view, isFinal);
      return result ? onward(state.transition, [result]) : [];
    }
    case "foreach":
      return onward(state.transition, foreachResult(flow, state, pointer, view, isFinal));
    case "try":
      return tryWays(flow, state, pointer, view, isFinal).flatMap(({ merge, result }) =>
        onward(state.transition, result, merge),
      );
  }
}

function targetOf(transition: Transition): string | null {
  return "next" in transition ? transition.next : null;
}

/** `onError` and `continueOnError`. */
function failed(state: State, scene: Scene): readonly Way[] {
  const vars = errorNames;
  if (state.onError) {
    const { next, resultPath } = state.onError;
    const at = resultPath === undefined ? {} : { resultPath };
    return [{ to: next, scene: exit(scene, state, [errorShape], { vars, ...at }) }];
  }
  if (!state.continueOnError) return [];
  const to = state.type === "switch" ? (state.defaultNext ?? null) : targetOf(state.transition);
  return [{ to, scene: exit(scene, state, literal(null), { vars }) }];
}

/** Where a rejection or a timeout leads to another state. */
function refused(state: ApprovalState, scene: Scene): readonly Way[] {
  const { onReject, onTimeout } = state;
  return [onReject, onTimeout].flatMap((outcome) =>
    typeof outcome === "object"
      ? [{ to: outcome.next, scene: exit(scene, state, answer(false), { vars: errorNames }) }]
      : [],
  );
}

function outputOf(schema: Parameters<typeof shapeOfSchema>[0] | undefined): Shape {
  return schema === undefined || schema === null ? "unknown" : shapeOfSchema(schema, promised);
}

/** A transform that is a plain path has the path's type; `input` is the previous state's result. */
function computed(view: View, expression: string): Shape {
  const path = parsePath(expression);
  const [root] = path?.keys ?? [];
  if (!path || root === undefined || path.root === "input" || root === "input") return "unknown";
  const found = readShape(view, path);
  return found.found ? found.shape : "unknown";
}

/** By branch name; `null` when the branches cannot be joined. */
function parallelResult(
  flow: Flow,
  { branches, join }: ParallelState,
  pointer: string,
  view: View,
  isFinal: boolean,
): ObjectVariant | null {
  const outer = { context: view.context, bound: view.bound, isTry: false };
  const ends = branches.map((branch, index) => {
    const block = { ...branch, pointer: `${pointer}/branches/${index}`, isTry: false };
    return flow.block(block, outer, sceneAt(view.scene.previous), isFinal);
  });
  const needed = join === "all" ? branches.length : join === "any" ? 1 : join;
  if (ends.filter(({ end }) => end !== null).length < needed) return null;
  const always = needed >= branches.length;
  const properties = branches.flatMap(({ name }, index) => {
    const end = ends[index];
    return end?.end ? [[name, { shape: end.result, always }] as const] : [];
  });
  return { ...emptyObject, properties: new Map(properties) };
}

function foreachResult(
  flow: Flow,
  state: ForeachState,
  pointer: string,
  view: View,
  isFinal: boolean,
): Shape {
  const path = parsePath(state.itemsPath) ?? { root: "name" as const, keys: keysOf(state.itemsPath) };
  const found = readShape(view, path);
  const item = found.found ? itemOf(found.shape) : "unknown";
  const number = scalar("integer");
  const vars = objectOf({ [state.itemName]: item, _item: item, _index: number, _total: number });
  const outer = { context: view.context, bound: view.bound, isTry: false };
  const block = { ...state.iterator, pointer: `${pointer}/iterator`, isTry: false };
  const { result } = flow.block(block, outer, sceneAt(item, vars), isFinal);
  const each: Shape =
    state.outputAggregation === "array" ? [objectOf({ item, index: number, output: result })] : result;
  return [listOf(each)];
}

/** What a list's items are. */
function itemOf(list: Shape): Shape {
  if (list === "unknown") return "unknown";
  const items = list.flatMap((variant) => (variant.type === "array" ? [itemsOf(variant)] : []));
  return items.length === 0 ? [anyObject] : unionOf(items);
}
