import type { Cell, Query } from "./database.ts";
import { LAST_POSITION } from "./file-events.ts";
import type { Prepared } from "./prepare.ts";
import {
  APPROVALS,
  BRANCHES,
  cellsOf,
  EVENTS,
  ONCE,
  orReplace,
  PAYLOADS,
  RUNS,
  SIGNALS,
  STEPS,
  type Table,
} from "./tables.ts";
import { RUN_LIFECYCLE } from "./write-rows.ts";

/** Rows of several transitions, each behind the number of its transition in the group. */
type Listed = readonly (readonly Cell[])[];

/** The rows of `?2` whose transition was let through; `j.value ->> 0` is its number. */
const ACCEPTED =
  "from json_each(?2) j cross join workflow_accepted a on a.batch = ?1 and a.item = j.value ->> 0";

/** Everything a group writes to tables row by row, one statement per table. */
export function rowStatements(batch: string, group: readonly Prepared[]): readonly Query[] {
  const listed = (rowsOf: (item: Prepared) => Listed): Listed =>
    group.flatMap((item, index) => rowsOf(item).map((row) => [index, ...row]));
  const add = (table: Table, conflict: string, rowsOf: (item: Prepared) => Listed) =>
    statement(batch, insertAccepted(table, conflict), listed(rowsOf));
  const change = (sql: string, rowsOf: (item: Prepared) => Listed) => statement(batch, sql, listed(rowsOf));
  return [
    add(ONCE, orReplace(ONCE), ({ once }) => (once ? [once.row] : [])),
    add(RUNS, "", ({ run }) => (run && "insert" in run ? [run.insert] : [])),
    change(UPDATE_RUNS, ({ run, transition }) =>
      run && "update" in run ? [[transition.runId, ...run.update]] : [],
    ),
    change(COUNT, ({ counters, transition }) => (counters ? [[transition.runId, ...counters]] : [])),
    change(SIMULATED, ({ transition }) => (transition.simulated ? [[transition.runId]] : [])),
    add(PAYLOADS, "on conflict do nothing", ({ payloads }) => payloads),
    add(BRANCHES, orReplace(BRANCHES, COUNTERS), ({ branches }) =>
      branches.filter(({ resetsCounters }) => !resetsCounters).map(({ row }) => row),
    ),
    add(BRANCHES, orReplace(BRANCHES), ({ branches }) =>
      branches.filter(({ resetsCounters }) => resetsCounters).map(({ row }) => row),
    ),
    change(CHILDREN_CLOSED, ({ transition }) =>
      transition.childrenClosed.map(({ parent, status }) => [
        transition.runId,
        parent,
        status === "succeeded" ? 1 : 0,
        status === "failed" ? 1 : 0,
      ]),
    ),
    add(STEPS, orReplace(STEPS), ({ steps }) => steps.map(({ row }) => row)),
    add(APPROVALS, orReplace(APPROVALS), ({ approvals }) => approvals),
    add(SIGNALS, "", ({ received }) => received),
    change(CONSUME, ({ consumed, transition }) =>
      consumed.map(({ signalId, stepId }) => [transition.runId, signalId, stepId]),
    ),
    change(INSERT_EVENTS, ({ events }) => events.map((row, index) => [index, ...row])),
  ].filter((query) => query !== null);
}

/** `null` when there is nothing to write. */
export function statement(batch: string, sql: string, rows: Listed): Query | null {
  return rows.length === 0 ? null : { sql, args: [batch, JSON.stringify(rows)] };
}

const COUNTERS = ["children_succeeded", "children_failed"];

function insertAccepted(table: Table, conflict: string): string {
  return `insert into ${table.name} (${table.columns.join(", ")}) select ${cellsOf(table, 1)} ${ACCEPTED}
    where true ${conflict}`;
}

const UPDATE_RUNS = `update workflow_runs set ${RUN_LIFECYCLE.map((c, i) => `${c} = c.c${i}`).join(", ")}
from (select j.value ->> 1 as run, ${RUN_LIFECYCLE.map((_, i) => `j.value ->> ${i + 2} as c${i}`).join(", ")}
  ${ACCEPTED}) c
where workflow_runs.run_id = c.run`;

const COUNT = `update workflow_runs set open_approvals = open_approvals + c.approvals,
  open_signals = open_signals + c.signals, mailbox_version = mailbox_version + c.mailbox
from (select j.value ->> 1 as run, j.value ->> 2 as approvals, j.value ->> 3 as signals, j.value ->> 4 as mailbox
  ${ACCEPTED}) c
where workflow_runs.run_id = c.run`;

const SIMULATED = `update workflow_runs set simulated = 1
where simulated = 0 and run_id in (select j.value ->> 1 ${ACCEPTED})`;

/** Several children of one parent are counted together. */
const CHILDREN_CLOSED = `update workflow_run_branches set
  children_succeeded = children_succeeded + c.succeeded, children_failed = children_failed + c.failed
from (select j.value ->> 1 as run, j.value ->> 2 as parent, sum(j.value ->> 3) as succeeded,
    sum(j.value ->> 4) as failed ${ACCEPTED} group by 1, 2) c
where workflow_run_branches.run_id = c.run and workflow_run_branches.path = c.parent`;

const CONSUME = `update workflow_signals set consumed_by = c.step
from (select j.value ->> 1 as run, j.value ->> 2 as signal, j.value ->> 3 as step ${ACCEPTED}) c
where workflow_signals.run_id = c.run and workflow_signals.signal_id = c.signal`;

/** Siblings of one run number their events one after the other, in the order of the group. */
const INSERT_EVENTS = `insert into workflow_run_events (${EVENTS.columns.join(", ")})
select ${LAST_POSITION} + row_number() over (order by a.item, j.value ->> 1),
  a.run_id, a.last_seq + row_number() over (partition by a.run_id order by a.item, j.value ->> 1),
  j.value ->> 2, j.value ->> 3, j.value ->> 4, j.value ->> 5, j.value ->> 6 ${ACCEPTED}`;
