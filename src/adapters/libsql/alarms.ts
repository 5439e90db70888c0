import type { RunId, StepId } from "../../core/run/ids.ts";
import { idempotencyKey } from "../../core/run/step-id.ts";
import type { Alarm, AlarmTarget, TaskKind } from "../../core/run/transition.ts";
import { runSpanId, traceOf, traceparent } from "../../core/trace/context.ts";
import type { TaskMessage } from "../../engine/ports/queue.ts";
import type { Cells } from "./database.ts";
import type { Prepared } from "./prepare.ts";
import { Cursor } from "./read-rows.ts";
import { BRANCHES } from "./tables.ts";

/** The longest time an alarm that was handed over stays hidden, in milliseconds. */
export const LONGEST_HIDE_MS = 300_000;

/** What a message is made of; expected by `messageFrom`. */
export const RETURNING_MESSAGE = `returning run_id, target, kind, revision, sends, step_id,
  (select attempt from workflow_run_steps s
    where s.run_id = workflow_outbox.run_id and s.branch = workflow_outbox.target
      and s.step_id = workflow_outbox.step_id),
  (select traceparent from workflow_runs r where r.run_id = workflow_outbox.run_id)`;

export const INSERT_ALARM = `insert into workflow_outbox
  (run_id, target, kind, due_at, revision, sends, step_id) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)`;

/** Replaces the alarm the decision saw (`?8`); a newer one stays and comes no later. */
export const OR_SET = `on conflict (run_id, target) do update set
  kind = iif(revision = ?8, excluded.kind, kind),
  due_at = iif(revision = ?8, excluded.due_at, min(due_at, excluded.due_at)),
  sends = iif(revision = ?8, excluded.sends, sends + excluded.sends),
  step_id = iif(revision = ?8, excluded.step_id, step_id),
  revision = iif(revision = ?8, max(revision + 1, excluded.revision), revision)`;

/** Moves the alarm forward, never back; the new revision tells a decision that it has not seen this. */
export const OR_WAKE = `on conflict (run_id, target) do update set
  kind = excluded.kind,
  due_at = min(due_at, excluded.due_at),
  sends = iif(excluded.sends > 0, excluded.sends, sends),
  step_id = coalesce(excluded.step_id, step_id),
  revision = max(revision + 1, excluded.revision)`;

export const CLEAR_ALARM = "delete from workflow_outbox where run_id = ? and target = ? and revision = ?";

/** Somebody goes on with it at once, without a message. */
export function isTaken(alarm: Alarm): boolean {
  return alarm.change === "wake" && alarm.taken === true;
}

/** An alarm that is due at once counts as handed over: it is hidden from the start. */
export type Timing = { readonly now: number; readonly hideMs: number };

/** When a row is due that is stored at `now`, and how often it was sent then. */
export function storedAt(dueAt: number, { now, hideMs }: Timing): { dueAt: number; sends: number } {
  return dueAt <= now ? { dueAt: now + hideMs, sends: 1 } : { dueAt, sends: 0 };
}

const BRANCH_PATH = BRANCHES.columns.indexOf("path");
const BRANCH_STEP = BRANCHES.columns.indexOf("step_id");

/** The step the target stands on after the transition; `null` when the transition does not say. */
export function stepOfTarget({ branches }: Prepared, target: AlarmTarget): StepId | null {
  const row = branches.find((branch) => branch.row[BRANCH_PATH] === target)?.row;
  return (row?.[BRANCH_STEP] ?? null) as StepId | null;
}

export function isAboutOneTarget(
  alarm: Alarm,
): alarm is Extract<Alarm, { readonly change: "set" | "clear" | "wake" }> {
  return alarm.change === "set" || alarm.change === "clear" || alarm.change === "wake";
}

/** From the columns of `RETURNING_MESSAGE`. */
export function messageFrom(row: Cells): TaskMessage {
  const cursor = new Cursor(row);
  const runId = cursor.text() as RunId;
  const target = cursor.text() as AlarmTarget;
  const kind = cursor.text() as TaskKind;
  const revision = cursor.number();
  const sends = cursor.number();
  const stepId = cursor.optionalText() as StepId | null;
  const attempt = cursor.number();
  const { traceId } = traceOf({ id: runId, traceparent: cursor.optionalText() });
  return {
    runId,
    target,
    kind,
    stepId,
    revision,
    sends,
    idempotencyKey:
      stepId === null ? `${runId}:${target}:${revision}` : idempotencyKey(runId, stepId, attempt),
    traceparent: traceparent(traceId, runSpanId(runId)),
  };
}

/** The newest message of each target: several wake-ups of one commit are one message. */
export function newestPerTarget(messages: readonly TaskMessage[]): readonly TaskMessage[] {
  if (messages.length < 2) return messages;
  return [...new Map(messages.map((message) => [`${message.runId}/${message.target}`, message])).values()];
}
