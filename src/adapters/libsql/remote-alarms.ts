import {
  isAboutOneTarget,
  isTaken,
  OR_WAKE,
  RETURNING_MESSAGE,
  stepOfTarget,
  storedAt,
  type Timing,
} from "./alarms.ts";
import { CLOSE_RUNS, cancelBelow, clearAlarmsOfRuns, recountRuns } from "./closing.ts";
import type { Cell, Query } from "./database.ts";
import type { Prepared } from "./prepare.ts";
import { type Listed, perPortion } from "./remote-values.ts";
import { wakeMany } from "./wake-many.ts";

/** A statement of a batch; `hands over`: the rows it returns are messages. */
export type BatchQuery = Query & { readonly handsOver?: boolean };

/** The alarm a decision saw goes, by `set` as by `clear`; one that is still there afterwards is newer. */
const clearSeen = (source: string) => `delete from workflow_outbox where (run_id, target, revision) in (
  select j.column2, j.column3, j.column4 ${source})`;

const INSERT = `insert into workflow_outbox
  (run_id, target, kind, due_at, revision, sends, step_id)`;
const LAST_SEQ = "(select coalesce(max(seq), 0) from workflow_run_events e where e.run_id = a.run_id)";

const set = (then: string) => (source: string) =>
  `${INSERT}
select a.run_id, j.column2, j.column3, j.column4, max(1, j.column7, ${LAST_SEQ}), j.column5, j.column6
${source} where true ${then}`;

/**
 * Several that wake one branch wake it once. As two, the second would have a revision beyond the run's last event, which
 * the next event's wake-up would then have as well: the queue would take its message for one that it was given before.
 */
const wake = (then: string) => (source: string) =>
  `${INSERT}
select a.run_id, j.column2, max(j.column3), min(j.column4), max(1, ${LAST_SEQ}), max(j.column5), max(j.column6)
${source} where true group by a.run_id, j.column2 ${then}`;

const OR_KEEP = `on conflict (run_id, target) do update set
  due_at = min(due_at, excluded.due_at), sends = sends + excluded.sends`;

const setLater = set(OR_KEEP);
const setNow = set(`${OR_KEEP} ${RETURNING_MESSAGE}`);
const wakeLater = wake(OR_WAKE);
const wakeNow = wake(`${OR_WAKE} ${RETURNING_MESSAGE}`);

/** The alarms of a group: first those that decisions saw, then what wakes others. */
export function alarmStatements(
  batch: string,
  group: readonly Prepared[],
  timing: Timing,
): readonly BatchQuery[] {
  const seen: Cell[][] = [];
  const rows = {
    setNow: [] as Cell[][],
    setLater: [] as Cell[][],
    wakeNow: [] as Cell[][],
    wakeLater: [] as Cell[][],
  };
  for (const [item, prepared] of group.entries()) {
    const { runId, alarms } = prepared;
    for (const alarm of alarms.filter(isAboutOneTarget)) {
      if (alarm.change !== "wake") seen.push([item, runId, alarm.target, alarm.seen]);
      if (alarm.change === "clear") continue;
      const { dueAt, sends } = storedAt(alarm.dueAt, timing);
      const isNow = sends > 0 && !isTaken(alarm);
      const list =
        alarm.change === "set"
          ? isNow
            ? rows.setNow
            : rows.setLater
          : isNow
            ? rows.wakeNow
            : rows.wakeLater;
      const row = [item, alarm.target, alarm.kind, dueAt, sends, stepOfTarget(prepared, alarm.target)];
      list.push(alarm.change === "set" ? [...row, alarm.seen + 1] : row);
    }
  }
  const write = (list: Listed, sql: (source: string) => string) => perPortion(batch, list, sql);
  const handOver = (list: Listed, sql: (source: string) => string): readonly BatchQuery[] =>
    write(list, sql).map((query) => ({ ...query, handsOver: true }));
  return [
    ...write(seen, clearSeen),
    ...write(rows.setLater, setLater),
    ...handOver(rows.setNow, setNow),
    ...write(rows.wakeLater, wakeLater),
    ...handOver(rows.wakeNow, wakeNow),
    ...group.flatMap((prepared, item) => wakesOfMany(batch, item, prepared, timing)),
  ];
}

function wakesOfMany(
  batch: string,
  item: number,
  { runId, alarms }: Prepared,
  timing: Timing,
): readonly BatchQuery[] {
  return alarms.flatMap((alarm) => {
    if (isAboutOneTarget(alarm)) return [];
    return [
      { ...ifAccepted(wakeMany(runId, alarm, timing), batch, item), handsOver: alarm.dueAt <= timing.now },
    ];
  });
}

/** What is given up below a branch; before the group's rows are written, which may open something there anew. */
export function cancelStatements(batch: string, group: readonly Prepared[]): readonly Query[] {
  return group.flatMap(({ runId, cancelled, at }, item) =>
    cancelled.flatMap((prefix) =>
      cancelBelow(runId, prefix, at).map((query) => ifAccepted(query, batch, item)),
    ),
  );
}

/** What runs' ends close, and the counters of runs in which something was given up; after the rows. */
export function closeStatements(batch: string, group: readonly Prepared[]): readonly Query[] {
  const ended = group.flatMap(({ runId, closed }, item) => (closed ? [[item, runId]] : []));
  const given = group.flatMap(({ runId, closed, at }, item) =>
    closed === "cancelled" ? [[item, runId, at]] : [],
  );
  const changed = group.flatMap(({ runId, closed, cancelled }, item) =>
    closed === "cancelled" || cancelled.length > 0 ? [[item, runId]] : [],
  );
  return [
    ...CLOSE_RUNS.flatMap((sql) => perPortion(batch, given, sql)),
    ...perPortion(batch, ended, clearAlarmsOfRuns),
    ...perPortion(batch, changed, recountRuns),
  ];
}

/** Binds a statement about one run to the fate of its transition. */
function ifAccepted({ sql, args }: Query, batch: string, item: number): Query {
  const condition = `exists (select 1 from workflow_accepted where batch = ?${args.length + 1} and item = ?${args.length + 2}) and `;
  const where = sql.lastIndexOf("where run_id = ?1");
  return {
    sql: `${sql.slice(0, where)}where ${condition}${sql.slice(where + 6)}`,
    args: [...args, batch, item],
  };
}
