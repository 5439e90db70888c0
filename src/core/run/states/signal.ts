import type { SignalState } from "../../definition/types.ts";
import { viewOf } from "../context.ts";
import { timeoutError } from "../errors.ts";
import type { BranchPath } from "../ids.ts";
import { failEntry, failStep, named, place, succeed } from "../moves.ts";
import { render } from "../render.ts";
import type { Step } from "../run.ts";
import type { Turn } from "../turn.ts";

/** Waits for a signal by name; one that came early is taken from the mailbox at once. */
export function enterSignal(turn: Turn, path: BranchPath, state: SignalState): void {
  const { visit, ...at } = place(turn, path, state);
  const view = viewOf(turn.run, path, turn.now);
  const name = render(turn, `input:${at.stepId}`, `signal of "${state.name}"`, state.signal, view);
  if (!name.ok) {
    failEntry(turn, path, state, name.error);
    return;
  }
  const signal = typeof name.value === "string" ? name.value : JSON.stringify(name.value);
  const deadline =
    state.timeoutSeconds === undefined ? {} : { deadline: turn.now + state.timeoutSeconds * 1000 };
  turn.emit({ type: "state.entered", ...at, stateType: state.type, visit, waiting: { signal }, ...deadline });
}

/** True when the branch moved on. */
export function proceedSignal(turn: Turn, step: Step, state: SignalState): boolean {
  const path = step.branch;
  if (step.progress.status !== "RUNNING" || !("waiting" in step.progress)) return false;
  const { waiting } = step.progress;
  if (waiting.for !== "signal") return false;
  const signal = turn.run.mailbox.find(({ name }) => name === waiting.name);
  if (signal) {
    turn.emit({ type: "signal.consumed", ...named(step), signalId: signal.id, name: signal.name });
    succeed(turn, step, state, signal.payload, state.transition);
    return true;
  }
  if (step.deadline === null || step.deadline > turn.now) return false;
  failStep(turn, path, state, {
    ...timeoutError(`waiting for signal "${waiting.name}"`, state.timeoutSeconds ?? 0),
    code: "SIGNAL_TIMEOUT",
    retryable: false,
  });
  return true;
}
