import type { CallState } from "../../definition/types.ts";
import { isObject, type JsonObject } from "../../json.ts";
import { viewOf } from "../context.ts";
import { finalError, timeoutError } from "../errors.ts";
import type { BranchPath } from "../ids.ts";
import { currentStep, failEntry, named, place, succeed } from "../moves.ts";
import type { RunCall } from "../questions.ts";
import { render } from "../render.ts";
import type { Lifecycle, Run, Step, StepError } from "../run.ts";
import { calledRunIdOf, idempotencyKey } from "../step-id.ts";
import type { Turn } from "../turn.ts";
import { failAttempt } from "./attempt.ts";

/** A chain of so many runs that call one another does not end by itself. */
const MAX_DEPTH = 16;

/** Calls another workflow: its run is started once the call is kept, under the id that the call names. */
export function enterCall(turn: Turn, path: BranchPath, state: CallState): void {
  const { visit, ...at } = place(turn, path, state);
  const chain = callersOf(turn.run);
  if (chain.length >= MAX_DEPTH) {
    const message = `"${state.name}" would start the ${MAX_DEPTH + 1}th run of a chain in which each was started by the one before, beginning with ${chain[0]}: at most ${MAX_DEPTH} may be`;
    failEntry(turn, path, state, finalError("engine", "CALL_DEPTH", message));
    return;
  }
  const written: JsonObject = {
    workflow: state.workflow,
    ...(state.version === undefined ? {} : { version: state.version }),
    variables: state.variables ?? {},
  };
  const view = viewOf(turn.run, path, turn.now);
  const input = render(turn, `input:${at.stepId}`, `input of "${state.name}"`, written, view);
  if (!input.ok) {
    failEntry(turn, path, state, input.error);
    return;
  }
  if (typeof (input.value as JsonObject)["workflow"] !== "string") {
    const message = `input of "${state.name}": "workflow" must be text after templating`;
    failEntry(turn, path, state, finalError("validation", "INPUT_TYPE", message));
    return;
  }
  const entered = { stateType: state.type, action: state.action, visit, input: input.value };
  turn.emit({ type: "state.entered", ...at, ...entered });
  call(turn, path, state, 1);
}

/** True when the branch moved on. */
export function proceedCall(turn: Turn, step: Step, state: CallState): boolean {
  const { progress } = step;
  if (progress.status === "PENDING") {
    if (progress.dueAt <= turn.now) call(turn, step.branch, state, Math.max(step.attempt, 1));
    return false;
  }
  if (progress.status !== "RUNNING" || !("waiting" in progress) || isToBeKept(turn, step)) return false;
  const key = `call:${step.id}:${step.attempt}`;
  const { standing } = turn.ask({ ask: "call", key, call: callOf(turn.run, step) });
  switch (standing.status) {
    case "open":
      if (step.deadline === null || step.deadline > turn.now) return false;
      failAttempt(turn, step, state.retry, late(step, state));
      return true;
    case "over":
      if (standing.lifecycle.status === "COMPLETED")
        succeed(turn, step, state, standing.lifecycle.output, state.transition);
      else failAttempt(turn, step, state.retry, errorOf(step, standing.lifecycle));
      return true;
    case "refused":
      failAttempt(turn, step, state.retry, standing.error);
      return true;
  }
}

/** True while a call was decided but is not kept: nothing may be started for it yet. */
export function isToBeKept({ before }: Turn, { id, calledRunId }: Step): boolean {
  return before.steps[id]?.calledRunId !== calledRunId;
}

function call(turn: Turn, path: BranchPath, state: CallState, attempt: number): void {
  const step = currentStep(turn, path);
  if (!step) return;
  turn.emit({
    type: "step.called",
    ...named(step),
    attempt,
    runId: calledRunIdOf(idempotencyKey(turn.run.id, step.id, attempt), turn.now),
    ...(state.timeoutSeconds === undefined ? {} : { deadline: turn.now + state.timeoutSeconds * 1000 }),
  });
}

function callOf(run: Run, step: Step): RunCall {
  const { branch, id: stepId, attempt, input, calledRunId, deadline: until } = step;
  const { workflow, version, variables } = isObject(input) ? input : {};
  if (calledRunId === null) throw new Error(`step ${stepId} has called no run`);
  return {
    runId: calledRunId,
    workflow: String(workflow),
    version: typeof version === "number" ? version : null,
    input: isObject(variables) ? variables : {},
    calledBy: { runId: run.id, branch, stepId, attempt, within: callersOf(run).slice(0, -1) },
    until,
  };
}

/** The runs that a run was called by, the outermost first, and itself. */
function callersOf({ id, calledBy }: Run) {
  return calledBy === null ? [id] : [...calledBy.within, calledBy.runId, id];
}

function late(step: Step, state: CallState): StepError {
  return timeoutError(`run ${step.calledRunId} of workflow "${workflowOf(step)}"`, state.timeoutSeconds ?? 0);
}

/** What the end of a called run means for the step: whoever cancelled it does not want it again. */
function errorOf(step: Step, lifecycle: Exclude<Ended, { status: "COMPLETED" }>): StepError {
  const what = `run ${step.calledRunId} of workflow "${workflowOf(step)}"`;
  const details = { runId: step.calledRunId, status: lifecycle.status };
  switch (lifecycle.status) {
    case "FAILED":
    case "TIMED_OUT": {
      const { error } = lifecycle;
      const [code, did] =
        lifecycle.status === "FAILED" ? ["RUN_FAILED", "failed"] : ["RUN_TIMED_OUT", "timed out"];
      const message = `${what} ${did}: ${error.message}`;
      const inner = {
        type: error.type,
        code: error.code,
        message: error.message,
        state: error.state ?? null,
      };
      return { type: "run", code, message, retryable: true, details: { ...details, error: inner } };
    }
    case "CANCELLED": {
      const why = lifecycle.reason === null ? "" : `: ${lifecycle.reason}`;
      return finalError("cancelled", "RUN_CANCELLED", `${what} was cancelled${why}`, details);
    }
  }
}

type Ended = Extract<Lifecycle, { readonly at: number }>;

function workflowOf({ input }: Step): string {
  return isObject(input) ? String(input["workflow"]) : "";
}
