import { outputMismatch } from "../agent/misfits.ts";
import { pathOfExpression } from "../definition/template.ts";
import type { Definition, State, Transition } from "../definition/types.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Path } from "../path.ts";
import { blockAt, openerOf } from "./blocks.ts";
import { readFrom, scopeOf, stateResultsOf, viewOf, writesOf } from "./context.ts";
import { errorNames, expressionError, missingPath } from "./errors.ts";
import { type BranchPath, childBranch, ROOT, segmentOf } from "./ids.ts";
import { type Branch, type Outcome, type Step, type StepError, visitsOf, type Writes } from "./run.ts";
import { stepId } from "./step-id.ts";
import type { Turn } from "./turn.ts";

/** Which state a branch is about to be in, and the step it becomes. */
export function place(turn: Turn, path: BranchPath, state: State) {
  const visit = visitsOf(turn.branch(path), state.name) + 1;
  return {
    branch: path,
    state: state.name,
    stepId: stepId(turn.run.id, path, state.name, visit),
    visit,
  } as const;
}

/** The fields by which every step event names its step. */
export function named(step: Step) {
  return { branch: step.branch, state: step.state, stepId: step.id } as const;
}

/** A state that is over as soon as it is entered: entered, succeeded, left. */
export function passThrough(
  turn: Turn,
  path: BranchPath,
  state: State,
  output: JsonValue,
  onward: Transition,
  extra: { readonly merge?: JsonObject; readonly condition?: string | null } = {},
): void {
  const { visit, ...at } = place(turn, path, state);
  turn.emit({ type: "state.entered", ...at, stateType: state.type, visit });
  turn.emit({ type: "step.succeeded", ...at, attempt: 0, output });
  leave(turn, path, state, onward, extra);
}

/** Ends the state `path` stands on with success and goes on. */
export function succeed(turn: Turn, step: Step, state: State, output: JsonValue, onward: Transition): void {
  turn.emit({ type: "step.succeeded", ...named(step), attempt: step.attempt, output });
  leave(turn, step.branch, state, onward);
}

export type Leaving = {
  readonly merge?: JsonObject;
  readonly whole?: readonly Path[];
  readonly result?: JsonValue;
  readonly error?: StepError;
  readonly condition?: string | null;
  readonly resultPath?: string;
};

/** Leaves the state a branch stands on; at the end of its list the branch closes. */
export function leave(
  turn: Turn,
  path: BranchPath,
  state: State,
  onward: Transition,
  extra: Leaving = {},
): void {
  const { position } = turn.branch(path);
  if (position.at !== "in") throw new Error(`branch "${path}" stands on no state to leave`);
  const resultPath = extra.resultPath ?? state.resultPath;
  turn.emit({
    type: "state.exited",
    branch: path,
    state: state.name,
    stepId: position.stepId,
    next: "next" in onward ? onward.next : null,
    ...extra,
    ...(resultPath === undefined ? {} : { resultPath }),
  });
  if ("end" in onward) closeBranch(turn, path);
}

/** A state that cannot even begin: it is entered, so that people see where, and fails. `isLast`: whatever handles it. */
export function failEntry(
  turn: Turn,
  path: BranchPath,
  state: State,
  error: StepError,
  isLast = false,
): void {
  const { visit, ...at } = place(turn, path, state);
  const action = state.type === "operation" ? { action: state.action } : {};
  turn.emit({ type: "state.entered", ...at, stateType: state.type, visit, ...action });
  failStep(turn, path, state, error, isLast);
}

/** The state's step fails for good; then what the author wrote for that case happens, or `isLast` and the branch fails. */
export function failStep(turn: Turn, path: BranchPath, state: State, error: StepError, isLast = false): void {
  const step = currentStep(turn, path);
  if (!step) throw new Error(`branch "${path}" stands on no step to fail`);
  const type = error.type === "timeout" ? "step.timed_out" : "step.failed";
  const placed: StepError = {
    ...error,
    state: error.state ?? state.name,
    attempt: error.attempt ?? step.attempt,
  };
  turn.emit({ type, ...named(step), attempt: step.attempt, error: placed });
  if (isLast) failBranch(turn, path, placed);
  else handleFailure(turn, path, state, placed);
}

/** `onError`, `continueOnError`, or the end of the branch. */
export function handleFailure(turn: Turn, path: BranchPath, state: State, error: StepError): void {
  if (state.onError) {
    const { next, resultPath } = state.onError;
    const written = resultPath === undefined ? {} : { resultPath };
    leave(turn, path, state, { next }, { result: errorNames(error)["error"] ?? null, error, ...written });
    return;
  }
  if (state.continueOnError) {
    leave(turn, path, state, onwardOf(state), { result: null, error });
    return;
  }
  failBranch(turn, path, error);
}

function failBranch(turn: Turn, path: BranchPath, error: StepError): void {
  if (path === ROOT) turn.emit({ type: "run.failed", error });
  else
    turn.emit({
      type: "branch.closed",
      branch: path,
      outcome: { status: "FAILED", error, ...left(turn.run.definition, turn.branch(path)) },
    });
}

/** Where a state leads when nothing special happens; a switch without a result goes to its default. */
function onwardOf(state: State): Transition {
  if (state.type !== "switch") return state.transition;
  return state.defaultNext === undefined ? { end: true } : { next: state.defaultNext };
}

/** The step of the state a branch stands on. */
export function currentStep(turn: Turn, path: BranchPath): Step | null {
  const { position } = turn.branch(path);
  return position.at === "in" ? (turn.run.steps[position.stepId] ?? null) : null;
}

function closeBranch(turn: Turn, path: BranchPath): void {
  const branch = turn.branch(path);
  if (path === ROOT) completeRun(turn, branch);
  else
    turn.emit({
      type: "branch.closed",
      branch: path,
      outcome: outcomeOf(turn.run.definition, branch),
    });
}

/** A branch's result is what it wrote itself; the last state's result when it wrote nothing; a shorthand's agent's. */
function outcomeOf(definition: Definition, branch: Branch): Outcome {
  const { resultOf } = blockAt(definition, branch.path);
  const writes = left(definition, branch);
  if (resultOf !== undefined)
    return { status: "SUCCEEDED", result: branch.results[resultOf] ?? null, ...writes };
  const wrote = Object.keys(branch.own).length > 0 && openerOf(definition, branch.path).type !== "try";
  return { status: "SUCCEEDED", result: wrote ? branch.own : (branch.previous ?? null), ...writes };
}

/** What a branch leaves behind. How it replaces what its parent has matters to a try alone: others take its result. */
function left(definition: Definition, branch: Branch): Writes {
  const { writes, whole } = writesOf(branch);
  return openerOf(definition, branch.path).type === "try" ? { writes, whole } : { writes };
}

function completeRun(turn: Turn, root: Branch): void {
  const { output } = turn.run.definition;
  if (output === undefined) {
    complete(turn, root.previous ?? null);
    return;
  }
  const view = viewOf(turn.run, ROOT, turn.now);
  const stateResults = stateResultsOf(turn.run.definition);
  const path = pathOfExpression(output);
  if (path) {
    const found = readFrom(view, path, stateResults);
    if (found !== undefined) complete(turn, found);
    else
      turn.emit({ type: "run.failed", error: missingPath("output", output, "", Object.keys(view.context)) });
    return;
  }
  const programs = [{ mode: "expression", text: output }] as const;
  const scope = scopeOf(view, stateResults);
  const [answer] = turn.ask({ ask: "evaluate", key: "output", programs, scope }).evaluations;
  if (answer?.ok) complete(turn, answer.value);
  else if (answer) turn.emit({ type: "run.failed", error: expressionError("output", output, answer.error) });
}

/** An output that breaks the workflow's schema is kept as it is, with a warning. */
function complete(turn: Turn, output: JsonValue): void {
  const { outputSchema: schema } = turn.run.definition;
  const misfits = schema
    ? turn.ask({ ask: "check", key: "outputSchema", schema, value: output }).misfits
    : [];
  const warnings = misfits.length > 0 ? { warnings: [outputMismatch(misfits)] } : {};
  turn.emit({ type: "run.completed", output, ...warnings });
}

/** Opens a child branch of the state that `path` stands on. */
export function openChild(
  turn: Turn,
  path: BranchPath,
  child: string | number,
  start: string,
  vars: JsonObject = {},
): void {
  turn.emit({ type: "branch.opened", branch: childBranch(path, segmentAt(turn, path), child), start, vars });
}

/** The state a branch stands on, as it appears in its children's paths. */
export function segmentAt(turn: Turn, path: BranchPath): string {
  const step = currentStep(turn, path);
  if (!step) throw new Error(`branch "${path}" stands on no state`);
  return segmentOf(step.state, step.visit);
}
