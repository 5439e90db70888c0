import type { State } from "../../definition/types.ts";
import type { JsonValue } from "../../json.ts";
import { timeoutError } from "../errors.ts";
import type { BranchPath } from "../ids.ts";
import { failStep, place, segmentAt } from "../moves.ts";
import type { Outcome, Step, StepError } from "../run.ts";
import type { Turn } from "../turn.ts";

/** The outcomes of the children that closed, by the last segment of their path. */
export function outcomesOf(turn: Turn, path: BranchPath, stepId: string): ReadonlyMap<string, Outcome> {
  const { opened, succeeded, failed } = turn.branch(path).children;
  const key = `children:${stepId}:${opened}:${succeeded}:${failed}`;
  return turn.ask({ ask: "children", key, branch: path, segment: segmentAt(turn, path) }).outcomes;
}

/** Gives up the children that are still open. */
export function cancelOpen(turn: Turn, path: BranchPath, state: State): void {
  const { opened, succeeded, failed } = turn.branch(path).children;
  if (opened <= succeeded + failed) return;
  turn.emit({ type: "children.cancelled", branch: path, state: state.name, segment: segmentAt(turn, path) });
}

/** The error of the first failed child in the order given. */
export function firstError(outcomes: ReadonlyMap<string, Outcome>, names: Iterable<string>): StepError {
  for (const name of names) {
    const outcome = outcomes.get(name);
    if (outcome?.status === "FAILED") return outcome.error;
  }
  return { type: "engine", code: "BRANCH_FAILED", message: "a branch failed", retryable: false };
}

/** When a container's own timeout is over, its children are given up and it fails. */
export function expire(turn: Turn, path: BranchPath, state: State, step: Step): boolean {
  if (step.deadline === null || step.deadline > turn.now) return false;
  cancelOpen(turn, path, state);
  failStep(turn, path, state, {
    ...timeoutError(`"${state.name}"`, state.timeoutSeconds ?? 0),
    retryable: false,
  });
  return true;
}

/** Enters a state that will open branches and wait for them. */
export function enterContainer(turn: Turn, path: BranchPath, state: State, input?: JsonValue): void {
  const { visit, ...at } = place(turn, path, state);
  turn.emit({
    type: "state.entered",
    ...at,
    stateType: state.type,
    visit,
    waiting: "children",
    ...(input === undefined ? {} : { input }),
    ...(state.timeoutSeconds === undefined ? {} : { deadline: turn.now + state.timeoutSeconds * 1000 }),
  });
}
