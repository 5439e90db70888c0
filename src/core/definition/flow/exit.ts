import { literal, type ObjectVariant, objectOf, type Shape, scalar, union } from "../schema/shape.ts";
import { bounded } from "../schema/size.ts";
import type { State } from "../types.ts";
import { overlay, overlayDeep, writeShape } from "./overlay.ts";
import { keysOf, type Scene } from "./scene.ts";

/** More than any schema says of one value. */
const MAX_SIZE = 5000;

type Leaving = {
  readonly merge?: ObjectVariant;
  readonly vars?: ObjectVariant;
  readonly resultPath?: string;
};

/** What is known of a branch when it has left a state: `applyExit` of `run/context.ts`. */
export function exit(scene: Scene, state: State, left: Shape, leaving: Leaving = {}): Scene {
  const result = bounded(left, MAX_SIZE);
  const resultPath = leaving.resultPath ?? state.resultPath;
  const merged = leaving.merge ? merge(scene.own, leaving.merge) : scene.own;
  const passesThrough = state.type === "switch" || state.type === "timer";
  return {
    own: resultPath === undefined ? merged : writeShape(merged, keysOf(resultPath), result),
    results: writeShape(scene.results, [state.name], result),
    vars: leaving.vars ? overlay(scene.vars, leaving.vars) : scene.vars,
    previous: passesThrough ? scene.previous : result,
    last: passesThrough ? scene.last : result,
  };
}

function merge(own: ObjectVariant, added: ObjectVariant): ObjectVariant {
  const merged = overlayDeep(own, added);
  const properties = [...merged.properties].map(([key, property]) => {
    const isNew = added.properties.has(key);
    return [key, isNew ? { ...property, shape: bounded(property.shape, MAX_SIZE) } : property] as const;
  });
  return { ...merged, properties: new Map(properties) };
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

/** The names an error is known by (`language.md` §2). */
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
