import type { State } from "../../core/definition/types.ts";
import { isObject } from "../../core/json.ts";
import { nextAttempt } from "../../core/run/blocked-on.ts";
import type { Step, StepError } from "../../core/run/run.ts";
import { questionOf, waitsFor } from "../../core/view/question-of.ts";
import { oneLine } from "../terminal/text.ts";
import { span } from "../terminal/time.ts";
import type { RunView } from "./view.ts";

/** What is worth saying about a step, the most important first. */
export function notesOf(view: RunView, step: Step, state: State, now: number): readonly string[] {
  return [
    ...branchNotes(view, step),
    ...waitingNotes(step, now),
    ...approvalNotes(view, step, now),
    ...attemptNotes(view, step, state, now),
    ...exitNotes(view, step, state),
    ...(step.visit > 1 ? [`visit ${step.visit}`] : []),
    ...outputNotes(step),
    ...(view.simulated.has(step.id) ? ["simulated"] : []),
  ].map(oneLine);
}

/** The commands that would let a waiting step go on. */
export function hintsOf(view: RunView, step: Step): readonly string[] {
  const { progress } = step;
  if (progress.status === "WAITING_APPROVAL") {
    const id = shortId(progress.approvalId);
    return [`approve: stn approve ${id}`, `reject: stn reject ${id} -m "…"`];
  }
  if (progress.status === "RUNNING" && "waiting" in progress && progress.waiting.for === "signal")
    return [`send: stn signal ${view.run?.id ?? ""} ${progress.waiting.name}`];
  return [];
}

/** The beginning of an approval's id, long enough to name it among those that are open. */
function shortId(approvalId: string): string {
  return approvalId.slice(0, "apr_".length + 6);
}

function branchNotes(view: RunView, step: Step): readonly string[] {
  const tally = view.tallies[step.id];
  if (!tally || tally.total === 0) return [];
  const done = tally.succeeded + tally.failed;
  return [`${done}/${tally.total}${tally.failed > 0 ? `, ${tally.failed} failed` : ""}`];
}

function waitingNotes({ progress, calledRunId }: Step, now: number): readonly string[] {
  if (progress.status !== "RUNNING" || !("waiting" in progress))
    return calledRunId === null ? [] : [`run ${calledRunId}`];
  const { waiting } = progress;
  switch (waiting.for) {
    case "children":
      return [];
    case "timer":
      return [waiting.dueAt > now ? `${span(waiting.dueAt - now)} left` : "due"];
    case "signal":
      return [`waiting for signal "${waiting.name}"`];
    case "run":
      return [`waiting for run ${waiting.runId}`];
  }
}

function approvalNotes(view: RunView, step: Step, now: number): readonly string[] {
  const approval = view.run ? questionOf(view.run, step) : undefined;
  if (!approval) return [];
  const last = approval.decisions.findLast(({ voided }) => voided === undefined);
  switch (approval.status) {
    case "PENDING": {
      const left = approval.expiresAt === null ? "" : ` – ${span(approval.expiresAt - now)} left`;
      const { who, votes } = waitsFor(approval);
      return [`waiting for ${who}, ${votes}${left}`];
    }
    case "APPROVED":
    case "REJECTED": {
      const comment = last?.comment ? `: ${last.comment}` : "";
      return [`${approval.status.toLowerCase()} by ${last?.by ?? "nobody"}${comment}`];
    }
    case "EXPIRED":
      return ["nobody decided in time"];
    case "CANCELLED":
      return [];
  }
}

function attemptNotes(view: RunView, step: Step, state: State, now: number): readonly string[] {
  const { progress, attempt } = step;
  const most = ("retry" in state ? state.retry?.maxAttempts : undefined) ?? null;
  const earlier = view.earlierErrors[step.id];
  switch (progress.status) {
    case "PENDING": {
      if (!progress.error) return [];
      const due = progress.dueAt > now ? ` in ${span(progress.dueAt - now)}` : "";
      return [nextAttempt({ attempt, most, after: progress.error.message }, due)];
    }
    case "RUNNING":
      return attempt > 1 ? [nextAttempt({ attempt, most, after: earlier?.message ?? null }, "")] : [];
    case "SUCCEEDED":
      return attempt > 1 ? [`${attempt} attempts${because(earlier)}`] : [];
    case "FAILED":
    case "TIMED_OUT":
      // A container's own error repeats its branch's, an approval's repeats the decision above.
      if (view.tallies[step.id]?.failed || step.action === "human.approval") return [];
      return [`${attempt > 1 ? `${attempt} attempts: ` : ""}${progress.error.message}`];
    case "WAITING_APPROVAL":
    case "CANCELLED":
      return [];
  }
}

function because(error: StepError | undefined): string {
  return error ? `: ${error.message}` : "";
}

function outputNotes({ validation }: Step): readonly string[] {
  if (validation === undefined) return [];
  const isCutOff = isObject(validation) && validation["code"] === "OUTPUT_TRUNCATED";
  return [isCutOff ? "output was cut off" : "output does not match its schema"];
}

function exitNotes(view: RunView, step: Step, state: State): readonly string[] {
  const exit = view.exits[step.id];
  if (!exit) return [];
  if (state.type === "switch") {
    const reason = exit.condition === null || exit.condition === undefined ? "otherwise" : exit.condition;
    return [`${reason} → ${exit.next ?? "end"}`];
  }
  return exit.error && exit.next !== null ? [`→ ${exit.next}`] : [];
}
