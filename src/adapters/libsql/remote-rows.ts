import type { Cell, Query } from "./database.ts";
import { LAST_POSITION } from "./file-events.ts";
import type { Prepared } from "./prepare.ts";
import { type Listed, perPortion } from "./remote-values.ts";
import {
  APPROVALS,
  BRANCHES,
  EVENTS,
  ONCE,
  orReplace,
  PAYLOADS,
  type Row,
  RUNS,
  SIGNALS,
  STEP_FIXED,
  STEPS,
  type Table,
} from "./tables.ts";
import { RUN_LIFECYCLE } from "./write-rows.ts";

const COUNTERS = ["children_succeeded", "children_failed"];
/** The columns of a branch's row that its own moves change. */
const BRANCH_MOVES = [2, BRANCHES.columns.indexOf("children_succeeded")] as const;

/** Everything a group writes to tables row by row. */
export function rowStatements(batch: string, group: readonly Prepared[]): readonly Query[] {
  const listed = (rowsOf: (item: Prepared) => readonly Row[]): Listed =>
    group.flatMap((item, index) => rowsOf(item).map((row) => [index, ...row]));
  const add = (table: Table, conflict: string, rowsOf: (item: Prepared) => readonly Row[]) =>
    inserts(batch, table, conflict, listed(rowsOf));
  const change = (sql: (source: string) => string, rowsOf: (item: Prepared) => readonly Row[]) =>
    perPortion(batch, listed(rowsOf), sql);
  const branchRows = (exists: boolean, resetsCounters: boolean) =>
    listed(({ branches }) =>
      branches
        .filter((branch) => branch.exists === exists && branch.resetsCounters === resetsCounters)
        .map(({ row }) => row),
    );
  return [
    ...add(ONCE, orReplace(ONCE), ({ once }) => (once ? [once.row] : [])),
    ...add(RUNS, "", ({ run }) => (run && "insert" in run ? [run.insert] : [])),
    ...change(updateRuns, ({ run, runId }) => (run && "update" in run ? [[runId, ...run.update]] : [])),
    ...change(count, ({ counters, runId }) => (counters ? [[runId, ...counters]] : [])),
    ...change(simulated, ({ simulated, runId }) => (simulated ? [[runId]] : [])),
    ...add(PAYLOADS, "on conflict do nothing", ({ payloads }) => payloads),
    ...updates(batch, BRANCHES, BRANCH_MOVES, branchRows(true, false)),
    ...updates(batch, BRANCHES, [BRANCH_MOVES[0], BRANCHES.columns.length], branchRows(true, true)),
    ...inserts(batch, BRANCHES, orReplace(BRANCHES, COUNTERS), branchRows(false, false)),
    ...inserts(batch, BRANCHES, orReplace(BRANCHES), branchRows(false, true)),
    ...change(childrenClosed, ({ runId, childrenClosed }) =>
      childrenClosed.map(({ parent, status }) => [
        runId,
        parent,
        status === "succeeded" ? 1 : 0,
        status === "failed" ? 1 : 0,
      ]),
    ),
    ...updates(
      batch,
      STEPS,
      [STEP_FIXED, STEPS.columns.length],
      listed(({ steps }) => steps.filter(({ exists }) => exists).map(({ row }) => row)),
    ),
    ...add(STEPS, orReplace(STEPS), ({ steps }) =>
      steps.filter(({ exists }) => !exists).map(({ row }) => row),
    ),
    ...add(APPROVALS, orReplace(APPROVALS), ({ approvals }) => approvals),
    ...add(SIGNALS, "", ({ received }) => received),
    ...change(consume, ({ consumed, runId }) =>
      consumed.map(({ signalId, stepId }) => [runId, signalId, stepId]),
    ),
    ...eventStatements(batch, group),
  ];
}

/** One statement per pattern of empty cells: what is empty is neither sent nor read. */
function inserts(batch: string, table: Table, conflict: string, rows: Listed): readonly Query[] {
  return patternsOf(rows, 1, table.columns.length + 1).flatMap(({ filled, rows: alike }) => {
    const columns = filled.map((index) => table.columns[index - 1]);
    const cells = filled.map((_, index) => `j.column${index + 2}`);
    return perPortion(
      batch,
      alike.map((row) => [row[0] ?? null, ...filled.map((index) => row[index] ?? null)]),
      (source) =>
        `insert into ${table.name} (${columns.join(", ")}) select ${cells.join(", ")} ${source} where true ${conflict}`,
    );
  });
}

/** Replaces the columns from `from` to before `to` of rows that are there. */
function updates(
  batch: string,
  table: Table,
  [from, to]: readonly [number, number],
  rows: Listed,
): readonly Query[] {
  return patternsOf(rows, from + 1, to + 1).flatMap(({ filled, rows: alike }) => {
    const keys = table.key.map((column) => table.columns.indexOf(column) + 1);
    const changes = table.columns.slice(from, to).map((column, index) => {
      const at = filled.indexOf(from + index + 1);
      return `${column} = ${at === -1 ? "null" : `c.c${keys.length + at}`}`;
    });
    const picked = [...keys, ...filled];
    return perPortion(
      batch,
      alike.map((row) => [row[0] ?? null, ...picked.map((index) => row[index] ?? null)]),
      (source) => `update ${table.name} set ${changes.join(", ")}
        from (select ${picked.map((_, index) => `j.column${index + 2} as c${index}`).join(", ")} ${source}) c
        where ${table.key.map((column, index) => `${table.name}.${column} = c.c${index}`).join(" and ")}`,
    );
  });
}

/** Rows with the same cells filled between `from` and `to`. */
function patternsOf(rows: Listed, from: number, to: number) {
  const patterns = new Map<string, { filled: readonly number[]; rows: (readonly Cell[])[] }>();
  for (const row of rows) {
    const filled: number[] = [];
    for (let index = from; index < to; index++) if ((row[index] ?? null) !== null) filled.push(index);
    const key = filled.join();
    const known = patterns.get(key);
    if (known) known.rows.push(row);
    else patterns.set(key, { filled, rows: [row] });
  }
  return [...patterns.values()];
}

const updateRuns = (source: string) => `update workflow_runs
set ${RUN_LIFECYCLE.map((c, i) => `${c} = c.c${i}`).join(", ")}
from (select j.column2 as run, ${RUN_LIFECYCLE.map((_, i) => `j.column${i + 3} as c${i}`).join(", ")} ${source}) c
where workflow_runs.run_id = c.run`;

const count = (source: string) => `update workflow_runs set open_approvals = open_approvals + c.approvals,
  open_signals = open_signals + c.signals, mailbox_version = mailbox_version + c.mailbox
from (select j.column2 as run, j.column3 as approvals, j.column4 as signals, j.column5 as mailbox ${source}) c
where workflow_runs.run_id = c.run`;

const simulated = (source: string) => `update workflow_runs set simulated = 1
where simulated = 0 and run_id in (select j.column2 ${source})`;

/** Several children of one parent are counted together. */
const childrenClosed = (source: string) => `update workflow_run_branches set
  children_succeeded = children_succeeded + c.succeeded, children_failed = children_failed + c.failed
from (select j.column2 as run, j.column3 as parent, sum(j.column4) as succeeded, sum(j.column5) as failed
  ${source} group by 1, 2) c
where workflow_run_branches.run_id = c.run and workflow_run_branches.path = c.parent`;

const consume = (source: string) => `update workflow_signals set consumed_by = c.step
from (select j.column2 as run, j.column3 as signal, j.column4 as step ${source}) c
where workflow_signals.run_id = c.run and workflow_signals.signal_id = c.signal`;

/**
 * Numbers and writes events. Positions are counted over the whole group, so that those of refused transitions are left
 * out. Siblings of one run number their events one after the other, in the order of the group; each portion goes on
 * behind the one before. Which of them were let through only the server knows.
 */
function eventStatements(batch: string, group: readonly Prepared[]): readonly Query[] {
  const hasSiblings = new Set(group.map(({ runId }) => runId)).size < group.length;
  const rows = group.flatMap(({ events }, item) => events.map((row, index) => [item, index + 1, ...row]));
  const columns = EVENTS.columns.join(", ");
  const cells = "j.column4, j.column5, j.column6, j.column7, j.column8, j.column9";
  // Across portions the order would be lost: with siblings, what is there already counts as well.
  const seq = hasSiblings
    ? "(select coalesce(max(seq), 0) from workflow_run_events e where e.run_id = a.run_id) + row_number() over (partition by a.run_id order by a.item, j.column2)"
    : "a.last_seq + j.column2";
  return perPortion(
    batch,
    rows.map(([item = null, index = null, ...row], position) => [item, index, position, ...row]),
    (source) => `insert into workflow_run_events (${columns})
      select ${LAST_POSITION} + 1 + j.column3, a.run_id, ${seq}, ${cells} ${source}`,
  );
}
