import type { Query } from "./database.ts";
import { behind } from "./prepare.ts";

const STEP_GIVEN_UP = `status = 'CANCELLED', due_at = null, lease_owner = null, lease_token = null, waiting = null,
  waiting_for = null, approval_id = null, error = null`;
const STEP_IS_OPEN = "status in ('PENDING', 'RUNNING', 'WAITING_APPROVAL')";

const CANCEL_STEP = `update workflow_run_steps set ${STEP_GIVEN_UP}, finished_at = ?4
where run_id = ?1 and branch >= ?2 and branch < ?3 and ${STEP_IS_OPEN}`;

const CANCEL_APPROVAL = `update workflow_approvals set status = 'CANCELLED'
where run_id = ?1 and branch >= ?2 and branch < ?3 and status = 'PENDING'`;

/** The version grows, so that a decision about the branch that is under way drops out. */
const BRANCH_GIVEN_UP = `version = version + 1, state = null, step_id = null,
  outcome = '{"status":"CANCELLED"}', outcome_status = 'CANCELLED'`;

const CANCEL_BRANCH = `update workflow_run_branches set ${BRANCH_GIVEN_UP}, closed_at = ?4
where run_id = ?1 and path >= ?2 and path < ?3 and closed_at is null`;

const CLEAR_ALARMS = "delete from workflow_outbox where run_id = ?1 and target >= ?2 and target < ?3";

/**
 * Everything open below `prefix` (which ends in "/") is given up. Paths compare as ranges, because names may contain
 * what `like` takes for a wildcard.
 */
export function cancelBelow(runId: string, prefix: string, at: number): readonly Query[] {
  return cancelBetween(runId, prefix, behind(prefix), at);
}

/** Behind every path: no UTF-8 text sorts after it. */
const LAST = "\u{10FFFF}";

/** Everything open in a run is given up, and all its alarms go. */
export function closeAll(runId: string, at: number): readonly Query[] {
  return cancelBetween(runId, "", LAST, at);
}

function cancelBetween(runId: string, from: string, to: string, at: number): readonly Query[] {
  return [
    { sql: CANCEL_STEP, args: [runId, from, to, at] },
    { sql: CANCEL_APPROVAL, args: [runId, from, to] },
    { sql: CANCEL_BRANCH, args: [runId, from, to, at] },
    { sql: CLEAR_ALARMS, args: [runId, from, to] },
  ];
}

/** All alarms of a run go: it came to its own end. */
export function clearAlarms(runId: string): Query {
  return { sql: CLEAR_ALARMS, args: [runId, "", LAST] };
}

/** The same as `closeAll` for several runs at once; `source` has their ids in `column2` and when they ended in `column3`. */
export const CLOSE_RUNS: readonly ((source: string) => string)[] = [
  (source) => `update workflow_run_steps set ${STEP_GIVEN_UP}, finished_at = c.at
    from (select j.column2 as run, j.column3 as at ${source}) c
    where workflow_run_steps.run_id = c.run and workflow_run_steps.${STEP_IS_OPEN}`,
  (source) => `update workflow_approvals set status = 'CANCELLED'
    where status = 'PENDING' and run_id in (select j.column2 ${source})`,
  (source) => `update workflow_run_branches set ${BRANCH_GIVEN_UP}, closed_at = c.at
    from (select j.column2 as run, j.column3 as at ${source}) c
    where workflow_run_branches.run_id = c.run and workflow_run_branches.closed_at is null`,
];

export function clearAlarmsOfRuns(source: string): string {
  return `delete from workflow_outbox where run_id in (select j.column2 ${source})`;
}

/** A run's counters as its rows say. */
const COUNTED = `open_approvals = (
    select count(*) from workflow_approvals a where a.run_id = workflow_runs.run_id and a.status = 'PENDING'),
  open_signals = (
    select count(*) from workflow_run_steps s where s.run_id = workflow_runs.run_id and s.waiting = 'signal')`;

export const RECOUNT = `update workflow_runs set ${COUNTED} where run_id = ?1`;

export function recountRuns(source: string): string {
  return `update workflow_runs set ${COUNTED} where run_id in (select j.column2 ${source})`;
}
