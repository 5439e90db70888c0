import type { TransformState } from "../../definition/types.ts";
import { scopeOf, stateResultsOf, viewOf } from "../context.ts";
import { expressionError } from "../errors.ts";
import type { BranchPath } from "../ids.ts";
import { failEntry, passThrough, place } from "../moves.ts";
import type { Turn } from "../turn.ts";

/** Computes a value; `input` is the previous state's result. */
export function enterTransform(turn: Turn, path: BranchPath, state: TransformState): void {
  const view = viewOf(turn.run, path, turn.now);
  const bound = { ...view, reserved: { ...view.reserved, input: view.previous } };
  const scope = scopeOf(bound, stateResultsOf(turn.run.definition));
  const programs = [{ mode: "transform", text: state.expression }] as const;
  const key = `transform:${place(turn, path, state).stepId}`;
  const [evaluation] = turn.ask({ ask: "evaluate", key, programs, scope }).evaluations;
  if (evaluation?.ok) passThrough(turn, path, state, evaluation.value, state.transition);
  else if (evaluation) {
    const where = `expression of "${state.name}"`;
    failEntry(turn, path, state, expressionError(where, state.expression, evaluation.error));
  } else throw new Error(`no answer for the expression of "${state.name}"`);
}
