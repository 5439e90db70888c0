import type { Alarm } from "../../core/run/transition.ts";
import { OR_WAKE, RETURNING_MESSAGE, storedAt, type Timing } from "./alarms.ts";
import type { Query } from "./database.ts";
import { HELD_BY_OTHERS, WAITING_LONGEST } from "./slots.ts";

type WakeOfMany = Exclude<Alarm, { readonly change: "set" | "clear" | "wake" }>;

const WAKE = "insert into workflow_outbox (run_id, target, kind, due_at, revision, sends, step_id)";

/** Behind every revision the run's alarms had: its last event's number, written just before. */
const LAST_SEQ = "(select coalesce(max(seq), 1) from workflow_run_events where run_id = ?1)";

const OPEN_BRANCHES = `${WAKE}
select run_id, path, 'resume', ?2, ${LAST_SEQ}, ?3, step_id from workflow_run_branches
where run_id = ?1 and closed_at is null ${OR_WAKE} ${RETURNING_MESSAGE}`;

const WAITING_FOR_SIGNAL = `${WAKE}
select run_id, branch, 'resume', ?2, ${LAST_SEQ}, ?3, step_id from workflow_run_steps
where run_id = ?1 and waiting = 'signal' and waiting_for = ?4 ${OR_WAKE} ${RETURNING_MESSAGE}`;

/**
 * The revision of an alarm in another run, which may have no events between two wake-ups: the position of the event that
 * wakes it, among those of all runs, which is never given twice. Were it to repeat (as the time does, within a millisecond
 * or when a clock is put back), a decision that has looked in vain would clear the later alarm for the one it saw, and the
 * queue would drop the later message. Beyond any number of a run's own event and below any time; 64 apart because a
 * wake-up that finds the alarm there adds one, and as many may share a transaction.
 */
const WAKING_EVENT = "(select 1000000000000 + 64 * max(position) from workflow_run_events)";

const QUEUED = `${WAKE}
with ended as (select environment, workflow_id, concurrency_key from workflow_runs where run_id = ?1),
  waiting as (${WAITING_LONGEST})
select run_id, '', 'run', ?2, ${WAKING_EVENT}, ?3, null from waiting
where place + (${HELD_BY_OTHERS}) < concurrency_limit ${OR_WAKE} ${RETURNING_MESSAGE}`;

/** Only where it still stands: the run that called may be over, or gone. */
const CALLER = `${WAKE}
select run_id, path, 'resume', ?2, ${WAKING_EVENT}, ?3, step_id from workflow_run_branches
where run_id = ?1 and path = ?4 and closed_at is null ${OR_WAKE} ${RETURNING_MESSAGE}`;

const CALLED = `${WAKE}
with caller as (select run_id from workflow_runs where run_id = ?1)
select c.run_id, '!run', 'resume', ?2, ${WAKING_EVENT}, ?3, null
from caller, workflow_runs c indexed by workflow_runs_by_caller
where c.caller = caller.run_id and c.finished_at is null ${OR_WAKE} ${RETURNING_MESSAGE}`;

/** Wakes whichever branches an alarm means that names none; the messages of what is due at once. */
export function wakeMany(runId: string, alarm: WakeOfMany, timing: Timing): Query {
  const { dueAt, sends } = storedAt(alarm.dueAt, timing);
  switch (alarm.change) {
    case "wake-all":
      return { sql: OPEN_BRANCHES, args: [runId, dueAt, sends] };
    case "wake-waiting":
      return { sql: WAITING_FOR_SIGNAL, args: [runId, dueAt, sends, alarm.signal] };
    case "wake-queued":
      return { sql: QUEUED, args: [runId, dueAt, sends] };
    case "wake-caller":
      return { sql: CALLER, args: [alarm.runId, dueAt, sends, alarm.target] };
    case "wake-called":
      return { sql: CALLED, args: [runId, dueAt, sends] };
  }
}
