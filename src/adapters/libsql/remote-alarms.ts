import {
  isAboutOneTarget,
  isTaken,
  OR_WAKE,
  RETURNING_MESSAGE,
  stepOfTarget,
  storedAt,
  type Timing,
} from "./alarms.ts";
import { cancelBelow, closeAll, RECOUNT, wakeOpenBranches, wakeWaiting } from "./closing.ts";
import type { Cell, Query } from "./database.ts";
import type { Prepared } from "./prepare.ts";
import { statement } from "./remote-rows.ts";

/** A statement of a batch; `hands over`: the rows it returns are messages. */
export type BatchQuery = Query & { readonly handsOver?: boolean };

const ACCEPTED =
  "from json_each(?2) j cross join workflow_accepted a on a.batch = ?1 and a.item = j.value ->> 0";

/** The alarm a decision saw goes, by `set` as by `clear`; one that is still there afterwards is newer. */
const CLEAR_SEEN = `delete from workflow_outbox where (run_id, target, revision) in (
  select j.value ->> 1, j.value ->> 2, j.value ->> 3 ${ACCEPTED})`;

const INSERT = `insert into workflow_outbox (run_id, target, kind, due_at, revision, sends, step_id)
select a.run_id, j.value ->> 1, j.value ->> 2, j.value ->> 3,
  max(1, j.value ->> 6, (select coalesce(max(seq), 0) from workflow_run_events e where e.run_id = a.run_id)),
  j.value ->> 4, j.value ->> 5 ${ACCEPTED} where true`;

const OR_KEEP = `on conflict (run_id, target) do update set
  due_at = min(due_at, excluded.due_at), sends = sends + excluded.sends`;

const SET_LATER = `${INSERT} ${OR_KEEP}`;
const SET_NOW = `${SET_LATER} ${RETURNING_MESSAGE}`;
const WAKE_LATER = `${INSERT} ${OR_WAKE}`;
const WAKE_NOW = `${WAKE_LATER} ${RETURNING_MESSAGE}`;

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
  for (const [item, { transition }] of group.entries()) {
    if (transition.closed) continue;
    for (const alarm of transition.alarms.filter(isAboutOneTarget)) {
      if (alarm.change !== "wake") seen.push([item, transition.runId, alarm.target, alarm.seen]);
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
      const above = alarm.change === "set" ? alarm.seen + 1 : 1;
      list.push([
        item,
        alarm.target,
        alarm.kind,
        dueAt,
        sends,
        stepOfTarget(transition, alarm.target),
        above,
      ]);
    }
  }
  const queries: (BatchQuery | null)[] = [
    statement(batch, CLEAR_SEEN, seen),
    statement(batch, SET_LATER, rows.setLater),
    handsOver(statement(batch, SET_NOW, rows.setNow)),
    statement(batch, WAKE_LATER, rows.wakeLater),
    handsOver(statement(batch, WAKE_NOW, rows.wakeNow)),
    ...group.flatMap((prepared, item) => wakesOfMany(batch, item, prepared, timing)),
  ];
  return queries.filter((query) => query !== null);
}

function handsOver(query: Query | null): BatchQuery | null {
  return query && { ...query, handsOver: true };
}

function wakesOfMany(
  batch: string,
  item: number,
  { transition }: Prepared,
  timing: Timing,
): readonly BatchQuery[] {
  const { runId, closed, alarms } = transition;
  if (closed) return [];
  return alarms.flatMap((alarm) => {
    if (isAboutOneTarget(alarm)) return [];
    const wake =
      alarm.change === "wake-all"
        ? wakeOpenBranches(runId, alarm.dueAt, timing)
        : wakeWaiting(runId, alarm.signal, alarm.dueAt, timing);
    return [{ ...ifAccepted(wake, batch, item), handsOver: alarm.dueAt <= timing.now }];
  });
}

/** What is given up below a branch; before the group's rows are written, which may open something there anew. */
export function cancelStatements(batch: string, group: readonly Prepared[]): readonly Query[] {
  return group.flatMap(({ transition, cancelled, at }, item) =>
    cancelled.flatMap((prefix) =>
      cancelBelow(transition.runId, prefix, at).map((query) => ifAccepted(query, batch, item)),
    ),
  );
}

/** What a run's end closes, and the counters of runs in which something was given up; after the rows. */
export function closeStatements(batch: string, group: readonly Prepared[]): readonly Query[] {
  return group.flatMap(({ transition: { runId, closed }, cancelled, at }, item) => [
    ...(closed ? closeAll(runId, at).map((query) => ifAccepted(query, batch, item)) : []),
    ...(closed || cancelled.length > 0 ? [ifAccepted({ sql: RECOUNT, args: [runId] }, batch, item)] : []),
  ]);
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
