import type { ParallelState } from "../../definition/types.ts";
import { define, type JsonValue } from "../../json.ts";
import type { BranchPath } from "../ids.ts";
import { failStep, openChild, succeed } from "../moves.ts";
import type { Step } from "../run.ts";
import type { Turn } from "../turn.ts";
import { cancelOpen, enterContainer, expire, firstError, outcomesOf } from "./children.ts";

/** Opens all its branches at once. */
export function enterParallel(turn: Turn, path: BranchPath, state: ParallelState): void {
  enterContainer(turn, path, state);
  for (const { name, start } of state.branches) openChild(turn, path, name, start);
}

/** Joins when enough branches succeeded, fails when that has become impossible. True when the branch moved on. */
export function proceedParallel(turn: Turn, step: Step, state: ParallelState): boolean {
  const path = step.branch;
  if (step.progress.status !== "RUNNING") return false;
  const { succeeded, failed } = turn.branch(path).children;
  const total = state.branches.length;
  const needed = state.join === "all" ? total : state.join === "any" ? 1 : Math.min(state.join, total);
  const names = state.branches.map(({ name }) => name);
  if (succeeded >= needed) {
    const outcomes = outcomesOf(turn, path, step.id);
    cancelOpen(turn, path, state);
    const results: Record<string, JsonValue> = {};
    for (const name of names) {
      const outcome = outcomes.get(name);
      if (outcome?.status === "SUCCEEDED") define(results, name, outcome.result);
    }
    succeed(turn, step, state, results, state.transition);
    return true;
  }
  const isLost = total - failed < needed;
  if (isLost && (state.onBranchFailure === "cancel" || succeeded + failed === total)) {
    const error = firstError(outcomesOf(turn, path, step.id), names);
    cancelOpen(turn, path, state);
    failStep(turn, path, state, error);
    return true;
  }
  return expire(turn, path, state, step);
}
