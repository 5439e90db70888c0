import type { JsonValue } from "../../core/json.ts";
import type { Expected } from "../../core/run/transition.ts";
import type { CommitResult, TaskMessage } from "../../engine/ports.ts";
import {
  CLEAR_ALARM,
  INSERT_ALARM,
  isAboutOneTarget,
  isTaken,
  messageFrom,
  OR_SET,
  OR_WAKE,
  RETURNING_MESSAGE,
  stepOfTarget,
  storedAt,
  type Timing,
} from "./alarms.ts";
import { cancelBelow, closeAll, RECOUNT, wakeOpenBranches, wakeWaiting } from "./closing.ts";
import type { FileDriver } from "./file-driver.ts";
import type { Prepared } from "./prepare.ts";
import {
  APPROVALS,
  BRANCHES,
  EVENTS,
  insert,
  ONCE,
  orReplace,
  PAYLOADS,
  RUNS,
  SIGNALS,
  STEP_FIXED,
  STEPS,
} from "./tables.ts";
import { RUN_LIFECYCLE } from "./write-rows.ts";

/** What became of one transition of a group, and what its alarms hand over. */
export type Applied = { readonly result: CommitResult; readonly messages: readonly TaskMessage[] };

const STALE: Applied = { result: { status: "stale" }, messages: [] };

/** Everything a usual decision relies on, in one look. */
const GUARD = `select r.epoch, r.mailbox_version, r.simulated,
  (select max(seq) from workflow_run_events where run_id = r.run_id),
  (select version from workflow_run_branches where run_id = r.run_id and path = ?2),
  (select status || '/' || attempt || '/' || coalesce(lease_token, 0) from workflow_run_steps
    where run_id = r.run_id and branch = ?3 and step_id = ?4)
from workflow_runs r where r.run_id = ?1`;

const BRANCH_VERSION = "select version from workflow_run_branches where run_id = ? and path = ?";

const STEP_CLAIM = `select status || '/' || attempt || '/' || coalesce(lease_token, 0)
from workflow_run_steps where run_id = ? and step_id = ?`;

const APPROVAL_STATE = `select status || '/' || json_array_length(decisions) from workflow_approvals
where approval_id = ?`;

const PENDING_SIGNAL = `select 1 from workflow_signals
where run_id = ? and signal_id = ? and consumed_by is null`;

const ONCE_ANSWER = `select request_hash, answer from workflow_idempotency_keys
where principal = ? and route = ? and key = ? and expires_at > ?`;

const EXPIRE_ONCE = "delete from workflow_idempotency_keys where expires_at <= ?";

const COUNT = `update workflow_runs set open_approvals = open_approvals + ?, open_signals = open_signals + ?,
  mailbox_version = mailbox_version + ? where run_id = ?`;

const UPDATE_RUN = `update workflow_runs set ${RUN_LIFECYCLE.map((c) => `${c} = ?`).join(", ")} where run_id = ?`;

const BRANCH_MOVES =
  "version = ?, opened_at = ?, state = ?, step_id = ?, closed_at = ?, outcome = ?, outcome_status = ?, vars = ?";
const UPDATE_BRANCH = `update workflow_run_branches set ${BRANCH_MOVES}, children_opened = ?
where run_id = ? and path = ?`;
const UPDATE_BRANCH_AND_COUNTERS = `update workflow_run_branches set ${BRANCH_MOVES}, children_opened = ?,
  children_succeeded = ?, children_failed = ? where run_id = ? and path = ?`;
const INSERT_BRANCH = `${insert(BRANCHES)} ${orReplace(BRANCHES)}`;

const CHILD_SUCCEEDED = `update workflow_run_branches set children_succeeded = children_succeeded + 1
where run_id = ? and path = ?`;
const CHILD_FAILED = `update workflow_run_branches set children_failed = children_failed + 1
where run_id = ? and path = ?`;

const UPDATE_STEP = `update workflow_run_steps set ${STEPS.columns
  .slice(STEP_FIXED)
  .map((c) => `${c} = ?`)
  .join(", ")} where run_id = ? and branch = ? and step_id = ?`;
const INSERT_STEP = `${insert(STEPS)} ${orReplace(STEPS)}`;

const CONSUME = "update workflow_signals set consumed_by = ? where run_id = ? and signal_id = ?";
const SIMULATED = "update workflow_runs set simulated = 1 where run_id = ?";

const SET_LATER = `${INSERT_ALARM} ${OR_SET}`;
const SET_NOW = `${SET_LATER} ${RETURNING_MESSAGE}`;
const WAKE_LATER = `${INSERT_ALARM} ${OR_WAKE}`;
const WAKE_NOW = `${WAKE_LATER} ${RETURNING_MESSAGE}`;

/** Events written by one statement. */
const EVENTS_AT_ONCE = 16;
const INSERT_EVENTS = Array.from({ length: EVENTS_AT_ONCE + 1 }, (_, count) => insert(EVENTS, count));

/** Applies one transition inside the open transaction; its guards first. */
export function applyToFile(db: FileDriver, item: Prepared, timing: Timing): Applied {
  const replayed = replay(db, item, timing.now);
  if (replayed) return replayed;
  const guarded = guard(db, item);
  if (!guarded) return STALE;
  if (item.once) db.statement(`${insert(ONCE)} ${orReplace(ONCE)}`).run(item.once.row);
  writeRun(db, item, guarded.simulated);
  for (const row of item.payloads) db.statement(`${insert(PAYLOADS)} on conflict do nothing`).run(row);
  for (const prefix of item.cancelled)
    for (const { sql, args } of cancelBelow(item.transition.runId, prefix, item.at))
      db.statement(sql).run(args);
  writeBranches(db, item);
  writeSteps(db, item);
  for (const row of item.approvals) db.statement(`${insert(APPROVALS)} ${orReplace(APPROVALS)}`).run(row);
  writeSignals(db, item);
  const lastSeq = writeEvents(db, item, guarded.lastSeq);
  const { runId, closed } = item.transition;
  if (closed) for (const { sql, args } of closeAll(runId, item.at)) db.statement(sql).run(args);
  if (closed || item.cancelled.length > 0) db.statement(RECOUNT).run([runId]);
  const messages = closed ? [] : changeAlarms(db, item, lastSeq, timing);
  return { result: { status: "committed", lastSeq }, messages };
}

function replay(db: FileDriver, { once }: Prepared, now: number): Applied | null {
  if (!once) return null;
  db.statement(EXPIRE_ONCE).run([now]);
  const [principal = null, route = null, key = null] = once.row;
  const found = db.statement(ONCE_ANSWER).get([principal, route, key, now]);
  if (!found) return null;
  const answer: JsonValue = JSON.parse(String(found[1]));
  return { result: { status: "replayed", requestHash: String(found[0]), answer }, messages: [] };
}

function guard(db: FileDriver, { transition }: Prepared): { lastSeq: number; simulated: boolean } | null {
  const { runId, expected, steps } = transition;
  const { epoch, branches, step, mailboxVersion, approval, signalPending } = expected;
  const [first, ...others] = branches;
  const stepBranch = step ? (steps.find(({ id }) => id === step.id)?.branch ?? first?.path ?? null) : null;
  const row = db.statement(GUARD).get([runId, first?.path ?? null, stepBranch, step?.id ?? null]);
  if (!row) return epoch === -1 ? { lastSeq: 0, simulated: false } : null;
  if (row[0] !== epoch) return null;
  if (mailboxVersion !== undefined && row[1] !== mailboxVersion) return null;
  if (first && row[4] !== first.version) return null;
  for (const { path, version } of others)
    if (db.statement(BRANCH_VERSION).get([runId, path])?.[0] !== version) return null;
  if (step) {
    const claim = row[5] ?? db.statement(STEP_CLAIM).get([runId, step.id])?.[0];
    if (claim !== claimText(step)) return null;
  }
  if (approval) {
    const state = db.statement(APPROVAL_STATE).get([approval.id])?.[0];
    if (state !== `${approval.status}/${approval.decisions}`) return null;
  }
  if (signalPending !== undefined && !db.statement(PENDING_SIGNAL).get([runId, signalPending])) return null;
  return { lastSeq: Number(row[3] ?? 0), simulated: row[2] === 1 };
}

/** A step's claim as one text, as it is compared: `RUNNING/2/7`. */
function claimText({ status, attempt, token }: NonNullable<Expected["step"]>): string {
  return `${status}/${attempt}/${token}`;
}

function writeRun(db: FileDriver, { transition, run, counters }: Prepared, wasSimulated: boolean): void {
  const { runId, simulated } = transition;
  if (run) {
    if ("insert" in run) db.statement(insert(RUNS)).run(run.insert);
    else db.statement(UPDATE_RUN).run([...run.update, runId]);
  }
  if (counters) db.statement(COUNT).run([...counters, runId]);
  if (simulated && !wasSimulated) db.statement(SIMULATED).run([runId]);
}

function writeBranches(db: FileDriver, { transition, branches }: Prepared): void {
  const { runId } = transition;
  for (const { row, exists, resetsCounters } of branches) {
    const [, path = null, ...rest] = row;
    if (!exists) db.statement(INSERT_BRANCH).run(row);
    else if (resetsCounters) db.statement(UPDATE_BRANCH_AND_COUNTERS).run([...rest, runId, path]);
    else db.statement(UPDATE_BRANCH).run([...rest.slice(0, -2), runId, path]);
  }
  for (const { parent, status } of transition.childrenClosed)
    db.statement(status === "succeeded" ? CHILD_SUCCEEDED : CHILD_FAILED).run([runId, parent]);
}

function writeSteps(db: FileDriver, { steps }: Prepared): void {
  for (const { row, exists } of steps)
    if (exists) db.statement(UPDATE_STEP).run([...row.slice(STEP_FIXED), ...row.slice(0, 3)]);
    else db.statement(INSERT_STEP).run(row);
}

function writeSignals(db: FileDriver, { transition, received, consumed }: Prepared): void {
  for (const row of received) db.statement(insert(SIGNALS)).run(row);
  for (const { signalId, stepId } of consumed)
    db.statement(CONSUME).run([stepId, transition.runId, signalId]);
}

/** Numbers the events behind those the run has, and answers the last number. */
function writeEvents(db: FileDriver, { transition, events }: Prepared, lastSeq: number): number {
  let seq = lastSeq;
  for (let from = 0; from < events.length; from += EVENTS_AT_ONCE) {
    const rows = events.slice(from, from + EVENTS_AT_ONCE);
    const args = rows.flatMap((row) => [transition.runId, ++seq, ...row]);
    db.statement(INSERT_EVENTS[rows.length] ?? insert(EVENTS, rows.length)).run(args);
  }
  return seq;
}

function changeAlarms(
  db: FileDriver,
  item: Prepared,
  lastSeq: number,
  timing: Timing,
): readonly TaskMessage[] {
  const { transition } = item;
  const { runId } = transition;
  const messages: TaskMessage[] = [];
  for (const alarm of transition.alarms) {
    if (!isAboutOneTarget(alarm)) {
      const { sql, args } =
        alarm.change === "wake-all"
          ? wakeOpenBranches(runId, alarm.dueAt, timing)
          : wakeWaiting(runId, alarm.signal, alarm.dueAt, timing);
      const rows = db.statement(sql).all(args);
      if (alarm.dueAt <= timing.now) messages.push(...rows.map(messageFrom));
    } else if (alarm.change === "clear") {
      db.statement(CLEAR_ALARM).run([runId, alarm.target, alarm.seen]);
    } else {
      const { dueAt, sends } = storedAt(alarm.dueAt, timing);
      const stepId = stepOfTarget(transition, alarm.target);
      // Revisions never repeat, so that the queue takes no message for an earlier one: an event's number does that.
      const args = [runId, alarm.target, alarm.kind, dueAt, Math.max(lastSeq, 1), sends, stepId];
      if (alarm.change === "set") args.push(alarm.seen);
      const [now, later] = alarm.change === "set" ? [SET_NOW, SET_LATER] : [WAKE_NOW, WAKE_LATER];
      if (sends === 0 || isTaken(alarm)) db.statement(later).run(args);
      else messages.push(...db.statement(now).all(args).map(messageFrom));
    }
  }
  return messages;
}
