import type { State } from "../definition/types.ts";
import { blockAt, stateIn } from "./blocks.ts";
import { endIfForsaken } from "./called.ts";
import { finalError, timeoutError } from "./errors.ts";
import { type BranchPath, ROOT } from "./ids.ts";
import { currentStep, failEntry, handleFailure } from "./moves.ts";
import { isTerminal, visitsOf } from "./run.ts";
import { takesSlot } from "./slot.ts";
import { enterAgent, proceedAgent } from "./states/agent.ts";
import { enterApproval, proceedApproval } from "./states/approval.ts";
import { enterCall, proceedCall } from "./states/call.ts";
import { enterForeach, proceedForeach } from "./states/foreach.ts";
import { enterInject } from "./states/inject.ts";
import { enterParallel, proceedParallel } from "./states/parallel.ts";
import { enterSignal, proceedSignal } from "./states/signal.ts";
import { enterSwitch } from "./states/switch.ts";
import { enterTimer, proceedTimer } from "./states/timer.ts";
import { enterTransform } from "./states/transform.ts";
import { enterTry, proceedTry } from "./states/try.ts";
import type { Turn } from "./turn.ts";

/** A loop that goes round this often in one branch does not end by itself. */
const MAX_VISITS = 1000;

/**
 * Moves one branch as far as it will go: until it waits for a step, a person, a time or its children, has closed,
 * or has made enough moves for one decision. `isOrphaned`: the worker that holds its step is gone.
 */
export function advance(turn: Turn, path: BranchPath, isOrphaned: boolean): void {
  if (turn.run.lifecycle.status === "PENDING" && path === ROOT) {
    if (endIfForsaken(turn) || !takesSlot(turn)) return;
    startRun(turn);
  }
  if (expireRun(turn)) return;
  // A pause finishes what runs: an attempt whose worker died in the meantime included.
  if (turn.run.lifecycle.status === "PAUSED" && isOrphaned) move(turn, path, isOrphaned);
  let moved = true;
  while (moved && turn.run.lifecycle.status === "RUNNING" && turn.takeMove()) {
    moved = move(turn, path, isOrphaned);
  }
}

/** True when the run as a whole took too long: then it is over. */
export function expireRun(turn: Turn): boolean {
  const { deadline, definition } = turn.run;
  if (isTerminal(turn.run) || deadline === null || deadline > turn.now) return false;
  const error = timeoutError(`the run of "${definition.id}"`, definition.timeoutSeconds ?? 0);
  turn.emit({ type: "run.timed_out", error: { ...error, code: "RUN_TIMEOUT", retryable: false } });
  return true;
}

function startRun(turn: Turn): void {
  const { timeoutSeconds } = turn.run.definition;
  turn.emit({
    type: "run.started",
    deadline: timeoutSeconds === undefined ? null : turn.now + timeoutSeconds * 1000,
  });
}

/** One move of a branch; false when it stays where it is. */
function move(turn: Turn, path: BranchPath, isOrphaned: boolean): boolean {
  const branch = turn.run.branches[path];
  if (!branch) return false;
  const { position } = branch;
  if (position.at === "closed") return false;
  const state = stateIn(blockAt(turn.run.definition, path), position.state, path);
  if (position.at === "in") return proceed(turn, path, state, isOrphaned);
  enter(turn, path, state);
  return true;
}

function enter(turn: Turn, path: BranchPath, state: State): void {
  const visits = visitsOf(turn.branch(path), state.name);
  if (visits >= MAX_VISITS) {
    const message = `"${state.name}" was entered ${visits} times in one branch: a loop without an end`;
    // A handler that leads back into the loop does not end it either: it is followed once.
    const isLast = visits > MAX_VISITS;
    failEntry(turn, path, state, finalError("engine", "LOOP_LIMIT", message), isLast);
    return;
  }
  switch (state.type) {
    case "operation":
      if (state.action === "agent.run") enterAgent(turn, path, state);
      else if (state.action === "human.approval") enterApproval(turn, path, state);
      else enterCall(turn, path, state);
      break;
    case "switch":
      enterSwitch(turn, path, state);
      break;
    case "parallel":
      enterParallel(turn, path, state);
      break;
    case "inject":
      enterInject(turn, path, state);
      break;
    case "foreach":
      enterForeach(turn, path, state);
      break;
    case "transform":
      enterTransform(turn, path, state);
      break;
    case "timer":
      enterTimer(turn, path, state);
      break;
    case "signal":
      enterSignal(turn, path, state);
      break;
    case "try":
      enterTry(turn, path, state);
      break;
  }
}

/** Looks at the state a branch stands on; true when that moved it. */
function proceed(turn: Turn, path: BranchPath, state: State, isOrphaned: boolean): boolean {
  const step = currentStep(turn, path);
  if (!step) return false;
  // A step that failed while the run was paused has not been followed up yet.
  if (step.progress.status === "FAILED" || step.progress.status === "TIMED_OUT") {
    handleFailure(turn, path, state, step.progress.error);
    return true;
  }
  switch (state.type) {
    case "operation":
      if (state.action === "agent.run") return proceedAgent(turn, step, state, isOrphaned);
      return state.action === "human.approval"
        ? proceedApproval(turn, step, state)
        : proceedCall(turn, step, state);
    case "parallel":
      return proceedParallel(turn, step, state);
    case "foreach":
      return proceedForeach(turn, step, state);
    case "timer":
      return proceedTimer(turn, step, state);
    case "signal":
      return proceedSignal(turn, step, state);
    case "try":
      return proceedTry(turn, step, state);
    // These are left in the decision that enters them.
    case "switch":
    case "inject":
    case "transform":
      return false;
  }
}
