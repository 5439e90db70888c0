import { parseDuration } from "../../definition/duration.ts";
import type { TimerState } from "../../definition/types.ts";
import { isoTime, LATEST, parseInstant } from "../../time.ts";
import { viewOf } from "../context.ts";
import { finalError } from "../errors.ts";
import type { BranchPath } from "../ids.ts";
import { failEntry, place, succeed } from "../moves.ts";
import { render } from "../render.ts";
import type { Step } from "../run.ts";
import type { Turn } from "../turn.ts";

/** Waits; its result is the time it ended, and what flows through the branch stays the previous result. */
export function enterTimer(turn: Turn, path: BranchPath, state: TimerState): void {
  const { visit, ...at } = place(turn, path, state);
  const view = viewOf(turn.run, path, turn.now);
  const written = "until" in state.wait ? state.wait.until : state.wait.seconds;
  const value = render(turn, `input:${at.stepId}`, `timer "${state.name}"`, written, view);
  if (!value.ok) {
    failEntry(turn, path, state, value.error);
    return;
  }
  const dueAt = "until" in state.wait ? instantOf(value.value) : afterOf(value.value, turn.now);
  if (dueAt === null) {
    const wanted =
      "until" in state.wait
        ? "a time such as 2026-01-31T12:00:00Z"
        : 'a duration such as 90 or "90s" that ends before the year 10000';
    const message = `timer "${state.name}": ${JSON.stringify(value.value)} is not ${wanted}`;
    failEntry(turn, path, state, finalError("validation", "TIMER_VALUE", message));
    return;
  }
  turn.emit({ type: "state.entered", ...at, stateType: state.type, visit, waiting: { timer: dueAt } });
}

/** True when the branch moved on. */
export function proceedTimer(turn: Turn, step: Step, state: TimerState): boolean {
  if (step.progress.status !== "RUNNING" || !("waiting" in step.progress)) return false;
  const { waiting } = step.progress;
  if (waiting.for !== "timer" || waiting.dueAt > turn.now) return false;
  succeed(turn, step, state, isoTime(turn.now), state.transition);
  return true;
}

function instantOf(value: unknown): number | null {
  return typeof value === "string" ? parseInstant(value) : null;
}

function afterOf(value: unknown, now: number): number | null {
  const seconds = typeof value === "number" ? value : typeof value === "string" ? parseDuration(value) : null;
  if (seconds === null || seconds < 0) return null;
  const dueAt = now + Math.round(seconds * 1000);
  return dueAt <= LATEST ? dueAt : null;
}
