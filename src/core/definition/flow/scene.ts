import type { JsonValue } from "../../json.ts";
import { parsePath, type RootedPath } from "../../path.ts";
import { ERROR_NAMES } from "../../run/errors.ts";
import {
  emptyObject,
  joinObjects,
  literal,
  type ObjectVariant,
  objectOf,
  objectsIn,
  type Shape,
  sameObject,
  sameShape,
  scalar,
  shapeOfValue,
  union,
} from "../schema/shape.ts";
import { bounded } from "../schema/size.ts";
import { parseTemplate } from "../template.ts";
import { firstOf, type Lookup, lookup } from "./lookup.ts";
import { overlay, overlayDeep } from "./overlay.ts";
import { joinWhole, nowhere, sameWhole, type Wholes, wholeAfter, wholeBefore, wholesOf } from "./whole.ts";

/** What is known of a branch when it comes to a state, whichever way it came. */
export type Scene = {
  /** What the branch wrote; at the root with the run's input. */
  readonly own: ObjectVariant;
  /** The places in `own` that replace what its parents have. */
  readonly whole: Wholes;
  /** The results of its states by name. */
  readonly results: ObjectVariant;
  /** What was bound when the branch was opened, and the names of an error since. */
  readonly vars: ObjectVariant;
  /** What flows into the state. */
  readonly previous: Shape;
  /** The last result of the branch itself, `null` before the first. */
  readonly last: Shape;
};

/** What a branch writes: itself, and as results of its states. */
export type Written = Pick<Scene, "own" | "whole" | "results">;

/** What a branch sees of its parent; `null` at the root. */
export type Outer = {
  readonly context: ObjectVariant;
  readonly bound: Bound;
  /** The branch is a block of a try: what earlier blocks wrote is an ordinary part of its context. */
  readonly isTry: boolean;
} | null;

/** The names of foreach's items and of handled errors: the root's own, and those that are what the context has. */
type Bound = { readonly ofRoot: ObjectVariant; readonly names: ReadonlySet<string> };

/** What a state can read, as `run/context.ts` does it. */
export type View = {
  readonly scene: Scene;
  readonly context: ObjectVariant;
  readonly bound: Bound;
  readonly reserved: ObjectVariant;
  /** True for the places whose `.result` is the value itself. */
  readonly isResult: (prefix: readonly string[]) => boolean;
};

/** What is the same for all states of a run. */
export type World = { readonly input: Shape; readonly stateResults: readonly string[] };

/** Where a branch begins. */
export function sceneAt(previous: Shape, vars: ObjectVariant = emptyObject): Scene {
  return { own: emptyObject, whole: nowhere, results: emptyObject, vars, previous, last: literal(null) };
}

/** What holds whichever of two ways was taken. */
export function joinScenes(a: Scene, b: Scene): Scene {
  return {
    ...joinWritten(a, b),
    vars: joinObjects(a.vars, b.vars),
    previous: union(a.previous, b.previous),
    last: union(a.last, b.last),
  };
}

export function joinWritten(a: Written, b: Written): Written {
  return {
    own: joinObjects(a.own, b.own),
    whole: joinWhole(a, b),
    results: joinObjects(a.results, b.results),
  };
}

/** Two branches' writes as one: the second wrote later. */
export function writtenOver(first: Written, second: Written): Written {
  return {
    own: overlayDeep(first.own, second.own, second.whole.values()),
    whole: wholeAfter(wholeBefore(first, new Set(second.own.properties.keys())), second.whole),
    results: overlay(first.results, second.results),
  };
}

/** True when the same is known in both. */
export function sameScene(a: Scene, b: Scene): boolean {
  return (
    sameObject(a.own, b.own) &&
    sameWhole(a.whole, b.whole) &&
    sameObject(a.results, b.results) &&
    sameObject(a.vars, b.vars) &&
    sameShape(a.previous, b.previous) &&
    sameShape(a.last, b.last)
  );
}

/** Forgets what still changes from round to round, so that a loop comes to rest. */
export function widenScene(before: Scene, after: Scene): Scene {
  return {
    own: widen(before.own, after.own),
    whole: joinWhole(before, after),
    results: widen(before.results, after.results),
    vars: widen(before.vars, after.vars),
    previous: sameShape(before.previous, after.previous) ? after.previous : "unknown",
    last: sameShape(before.last, after.last) ? after.last : "unknown",
  };
}

function widen(before: ObjectVariant, after: ObjectVariant): ObjectVariant {
  const properties = [...after.properties].map(([key, property]) => {
    const known = before.properties.get(key);
    const isSteady = !known || sameShape(known.shape, property.shape);
    return [key, isSteady ? property : { ...property, shape: "unknown" as const }] as const;
  });
  return { ...after, properties: new Map(properties) };
}

const TEXT = scalar("string");

/** A branch's context and the names beside it. */
export function viewOf(world: World, outer: Outer, scene: Scene): View {
  const context = contextOf(outer, scene);
  const bound = boundIn(outer, scene.vars);
  const workflow = objectOf({
    id: TEXT,
    version: "unknown",
    runId: TEXT,
    environment: TEXT,
    input: world.input,
    startedAt: "unknown",
  });
  const written = context.properties.get("steps");
  const none: Shape = [emptyObject];
  const steps = written ? (written.always ? written.shape : union(written.shape, none)) : none;
  const names = objectOf({ input: world.input, workflow: [workflow], _timestamp: TEXT, now: TEXT });
  const reserved = overlay(overlay(valuesOf(bound, context), names), objectOf({ steps }));
  const isResult = (prefix: readonly string[]) => isStateResult(prefix, world.stateResults);
  return { scene, context, bound, reserved, isResult };
}

function boundIn(outer: Outer, vars: ObjectVariant): Bound {
  if (!outer) return { ofRoot: vars, names: new Set() };
  const opened = [...vars.properties.keys()].filter((name) => !outer.isTry || ERROR_NAMES.has(name));
  return { ofRoot: outer.bound.ofRoot, names: new Set([...outer.bound.names, ...opened]) };
}

function valuesOf({ ofRoot, names }: Bound, context: ObjectVariant): ObjectVariant {
  const properties = [...context.properties].filter(([name]) => names.has(name));
  return overlay(ofRoot, { ...emptyObject, properties: new Map(properties) });
}

function contextOf(outer: Outer, scene: Scene): ObjectVariant {
  return outer ? laidOver(overlay(outer.context, scene.vars), scene) : levelOf(scene);
}

/** A context with what was written over it. */
export function laidOver(context: ObjectVariant, written: Written): ObjectVariant {
  const isCertain = !written.own.properties.has("steps");
  const results = [...written.results.properties].map(([name, { always }]) => ({
    path: ["steps", name],
    always: always || isCertain,
  }));
  return overlayDeep(context, levelOf(written), wholeAfter(written.whole, wholesOf(results)).values());
}

/** What a branch adds to its parents' context: its own writes, and its states' results under `steps`. */
export function levelOf({ own, results }: Written): ObjectVariant {
  return results.properties.size === 0 ? own : withSteps(own, results);
}

function withSteps(own: ObjectVariant, results: ObjectVariant): ObjectVariant {
  const written = own.properties.get("steps");
  const steps = written && stepsOf(results, written.shape, written.always);
  const properties = new Map(own.properties);
  const always = written?.always === true || [...results.properties.values()].some((result) => result.always);
  properties.set("steps", { shape: steps ?? [results], always });
  return { ...own, properties };
}

function stepsOf(results: ObjectVariant, written: Shape, isAlways: boolean): Shape {
  if (written === "unknown") return "unknown";
  const [first, ...others] = objectsIn(written);
  if (!first) return [results];
  const over = others.reduce(joinObjects, first);
  const certain = isAlways && objectsIn(written).length === written.length;
  return [overlay(results, certain ? over : joinObjects(over, emptyObject))];
}

function isStateResult(keys: readonly string[], stateResults: readonly string[]): boolean {
  if (keys[0] === "steps") return keys.length >= 2;
  const text = keys.join(".");
  return stateResults.some((path) => text === path || text.startsWith(`${path}.`));
}

/** Reads a path as the run will. */
export function readShape(view: View, path: RootedPath): Lookup {
  const { keys } = path;
  const inContext = lookup([view.context], keys, view.isResult);
  const beside = lookup([view.reserved], keys, view.isResult);
  // of two misses the context's is told: its names are the author's
  const isBesideFirst = path.root === "name" && beside.found;
  const found = isBesideFirst ? firstOf(beside, inContext) : firstOf(inContext, beside);
  return path.root === "input" ? firstOf(lookup(view.scene.previous, keys), found) : found;
}

/** What is inserted into a value may be inserted many times. */
const MAX_INSERTED = 1000;

/** What a value with templates becomes: one template keeps its type, others are text. */
export function filled(view: View, value: JsonValue): Shape {
  return shapeOfValue(value, (text) => {
    const template = parseTemplate(text);
    if (!template.ok) return "unknown";
    const [only, ...others] = template.parts;
    if (others.length > 0 || !only) return TEXT;
    if (only.kind === "text") return [{ type: "string", values: [only.text] }];
    if (only.kind === "expression") return "unknown";
    const found = readShape(view, only.path);
    return found.found ? bounded(found.shape, MAX_INSERTED) : "unknown";
  });
}

/** The keys of a canonical path of a definition. */
export function keysOf(path: string): readonly string[] {
  return parsePath(path)?.keys ?? path.split(".");
}
