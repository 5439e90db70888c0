import type { Path } from "../../path.ts";
import {
  literal,
  type ObjectVariant,
  objectOf,
  objectsIn,
  type Shape,
  scalar,
  union,
} from "../schema/shape.ts";
import { bounded } from "../schema/size.ts";
import type { State } from "../types.ts";
import { overlay, writeShape } from "./overlay.ts";
import { keysOf, type Scene, type Written, writtenOver } from "./scene.ts";
import { wholeAfter, wholeBefore, wholesOf } from "./whole.ts";

/** More than any schema says of one value. */
const MAX_SIZE = 5000;

type Leaving = {
  readonly merge?: Written;
  readonly vars?: ObjectVariant;
  readonly resultPath?: string;
};

/** What is known of a branch when it has left a state: `applyExit` of `run/context.ts`. */
export function exit(scene: Scene, state: State, left: Shape, leaving: Leaving = {}): Scene {
  const result = bounded(left, MAX_SIZE);
  const resultPath = leaving.resultPath ?? state.resultPath;
  const merged = leaving.merge ? merge(scene, leaving.merge) : scene;
  const passesThrough = state.type === "switch" || state.type === "timer";
  return {
    ...(resultPath === undefined ? merged : writeAt(merged, keysOf(resultPath), result)),
    results: writeShape(merged.results, [state.name], result),
    vars: leaving.vars ? overlay(scene.vars, leaving.vars) : scene.vars,
    previous: passesThrough ? scene.previous : result,
    last: passesThrough ? scene.last : result,
  };
}

function writeAt(written: Written, path: Path, shape: Shape): Pick<Written, "own" | "whole"> {
  const [head = "", ...below] = path;
  const before = below.length === 0 ? written.whole : wholeBefore(written, new Set([head]));
  return {
    own: writeShape(written.own, path, shape),
    whole: wholeAfter(before, wholesOf([{ path, always: true }])),
  };
}

function merge(scene: Scene, added: Written): Written {
  const { own, whole, results } = writtenOver(scene, added);
  const properties = [...own.properties].map(([key, property]) => {
    if (key === "steps" && hides(property.shape, added.results))
      return [key, { ...property, shape: "unknown" as const }] as const;
    const isNew = added.own.properties.has(key);
    return [key, isNew ? { ...property, shape: bounded(property.shape, MAX_SIZE) } : property] as const;
  });
  return { own: { ...own, properties: new Map(properties) }, whole, results };
}

/** True where `steps`, written by hand, may hold what a block's state comes to: that then stands there instead. */
function hides(steps: Shape, { properties }: ObjectVariant): boolean {
  const variants = steps === "unknown" ? [] : objectsIn(steps);
  return variants.some(
    (one) => one.rest === "any" || [...properties.keys()].some((name) => one.properties.has(name)),
  );
}

const TEXT = scalar("string");
const TEXT_OR_NULL = union(TEXT, literal(null));

/** What `error` is, after `onError` and in `catch`. */
export const errorShape: ObjectVariant = objectOf({
  code: TEXT,
  message: TEXT,
  type: TEXT,
  state: TEXT_OR_NULL,
  attempt: union(scalar("integer"), literal(null)),
});

/** The names an error is known by. */
export const errorNames: ObjectVariant = objectOf({
  error: [errorShape],
  _error: [errorShape],
  _errorMessage: TEXT,
  _errorType: TEXT,
  _errorStep: TEXT_OR_NULL,
});

/** The result of an approval. */
export function answer(approved: boolean): Shape {
  return [
    objectOf({
      approved: literal(approved),
      decision: approved ? literal("approved") : union(literal("rejected"), literal("expired")),
      decidedBy: TEXT_OR_NULL,
      decidedAt: TEXT,
      comment: TEXT_OR_NULL,
    }),
  ];
}
