import { literal, type ObjectVariant, objectOf, type Shape, scalar, union } from "../schema/shape.ts";
import type { State } from "../types.ts";
import { overlay, overlayDeep, writeShape } from "./overlay.ts";
import { keysOf, type Scene } from "./scene.ts";

type Leaving = {
  readonly merge?: ObjectVariant;
  readonly vars?: ObjectVariant;
  readonly resultPath?: string;
};

/** What is known of a branch when it has left a state: `applyExit` of `run/context.ts`. */
export function exit(scene: Scene, state: State, result: Shape, leaving: Leaving = {}): Scene {
  const resultPath = leaving.resultPath ?? state.resultPath;
  const merged = leaving.merge ? overlayDeep(scene.own, leaving.merge) : scene.own;
  const passesThrough = state.type === "switch" || state.type === "timer";
  return {
    own: resultPath === undefined ? merged : writeShape(merged, keysOf(resultPath), result),
    results: writeShape(scene.results, [state.name], result),
    vars: leaving.vars ? overlay(scene.vars, leaving.vars) : scene.vars,
    previous: passesThrough ? scene.previous : result,
  };
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
