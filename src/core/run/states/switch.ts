import type { SwitchState } from "../../definition/types.ts";
import type { JsonValue } from "../../json.ts";
import { deepestExisting, parsePath } from "../../path.ts";
import { isStateResult, readFrom, scopeOf, stateResultsOf, viewOf } from "../context.ts";
import { expressionError, finalError, missingPath } from "../errors.ts";
import type { BranchPath } from "../ids.ts";
import { failEntry, passThrough, place } from "../moves.ts";
import type { Turn } from "../turn.ts";

/** Takes the first arm whose condition holds, else the default. Its result is the name of the state it chose. */
export function enterSwitch(turn: Turn, path: BranchPath, state: SwitchState): void {
  const stateResults = stateResultsOf(turn.run.definition);
  const view = viewOf(turn.run, path, turn.now);
  const where = state.dataPath === undefined ? null : parsePath(state.dataPath);
  let data: JsonValue | undefined;
  if (state.dataPath !== undefined) {
    data = where ? readFrom(view, where, stateResults) : undefined;
    if (data === undefined) {
      const existing = deepestExisting(view.context, where?.keys ?? []);
      const names = Object.keys(view.context);
      failEntry(
        turn,
        path,
        state,
        missingPath(`dataPath of "${state.name}"`, state.dataPath, existing, names),
      );
      return;
    }
  }
  const dataIsResult = where !== null && isStateResult(where.keys, stateResults);
  const scope = scopeOf(
    view,
    dataIsResult ? [...stateResults, "result", "_value", "val"] : stateResults,
    data,
  );
  const programs = state.conditions.map((arm) => ({ mode: "expression", text: arm.if }) as const);
  const key = `switch:${place(turn, path, state).stepId}`;
  const { evaluations } = turn.ask({ ask: "evaluate", key, programs, scope, until: "first-true" });
  for (const [index, arm] of state.conditions.entries()) {
    const evaluation = evaluations[index];
    if (!evaluation) break;
    if (!evaluation.ok) {
      const where = `condition ${index + 1} of "${state.name}"`;
      failEntry(turn, path, state, expressionError(where, arm.if, evaluation.error));
      return;
    }
    if (evaluation.truth) {
      passThrough(turn, path, state, arm.next, { next: arm.next }, { condition: arm.if });
      return;
    }
  }
  if (state.defaultNext !== undefined) {
    passThrough(turn, path, state, state.defaultNext, { next: state.defaultNext }, { condition: null });
    return;
  }
  const message = `no condition of "${state.name}" holds and it has no defaultNext`;
  failEntry(turn, path, state, finalError("expression", "SWITCH_NO_MATCH", message));
}
