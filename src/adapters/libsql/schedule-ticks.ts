import type { RunId } from "../../core/run/ids.ts";
import type { RunStatus } from "../../core/run/run.ts";
import type { Turn } from "../../core/schedule/take-turn.ts";
import type { OpenTick, Tick } from "../../core/schedule/tick.ts";
import type { Settled, TickPage, TickView } from "../../engine/ports/schedules.ts";
import { type Cells, type Database, type Query, select } from "./database.ts";
import { Cursor } from "./read-rows.ts";

const TICK = "t.key, t.at, t.triggered_by, t.decided_at, t.status, t.run_id, t.reason, t.until, t.count";

/** So much of a schedule's history is kept. */
const MOST_KEPT = 1000;

const PUT = `insert into schedule_ticks
  (schedule_id, key, at, triggered_by, decided_at, status, run_id, reason, until, count, is_open)
select ?, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, e.value ->> 4, e.value ->> 5, e.value ->> 6,
  e.value ->> 7, e.value ->> 8, e.value ->> 9
from json_each(?) e where `;

const REPLACE = ` on conflict (schedule_id, key) do update set decided_at = excluded.decided_at, status = excluded.status,
  run_id = excluded.run_id, reason = excluded.reason, until = excluded.until, count = excluded.count,
  is_open = excluded.is_open
where schedule_ticks.is_open = 1`;

const OPEN = `select t.schedule_id, t.status = 'started' and (r.run_id is null or r.finished_at is not null), ${TICK}
from schedule_ticks t indexed by schedule_ticks_open left join workflow_runs r on r.run_id = t.run_id
where t.is_open = 1 and t.schedule_id in (select value from json_each(?)) order by t.at, t.key`;

const PRUNE = `delete from schedule_ticks where schedule_id = ?1 and is_open = 0 and at < (
  select at from schedule_ticks where schedule_id = ?1 order by at desc limit 1 offset ?2)`;

/** What a turn says of ticks, where `kept` holds. */
export function putTicks(
  id: string,
  { ticks, over }: Pick<Turn, "ticks" | "over">,
  kept: { readonly sql: string; readonly args: Cells },
): readonly Query[] {
  const queries: Query[] = [];
  if (ticks.length > 0)
    queries.push({
      sql: `${PUT}${kept.sql}${REPLACE}`,
      args: [id, JSON.stringify(ticks.map(cellsOf)), ...kept.args],
    });
  if (over.length > 0)
    queries.push({
      sql: `update schedule_ticks set is_open = 0
        where schedule_id = ? and key in (select value from json_each(?)) and ${kept.sql}`,
      args: [id, JSON.stringify(over), ...kept.args],
    });
  return queries;
}

/** Forgets what is older than the newest thousand. */
export function prune(id: string): Query {
  return { sql: PRUNE, args: [id, MOST_KEPT] };
}

/** What came of a tick that was starting. */
export function settleTick(id: string, key: string, fate: Settled, at: number): Query {
  const { status } = fate;
  const [runId, reason] = status === "started" ? [fate.runId, null] : [null, fate.reason];
  return {
    sql: `update schedule_ticks set status = ?, run_id = ?, reason = ?, is_open = ?, decided_at = ?
      where schedule_id = ? and key = ? and status = 'starting'`,
    args: [status, runId, reason, status === "started" ? 1 : 0, at, id, key],
  };
}

/** The ticks that may still matter, by schedule, oldest first. */
export async function openTicks(
  db: Database,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly OpenTick[]>> {
  const found = new Map<string, OpenTick[]>();
  for (const [id, isOver, ...row] of await select(db, OPEN, [JSON.stringify(ids)])) {
    const list = found.get(String(id)) ?? [];
    list.push({ ...(rowOf(new Cursor(row)) as OpenTick), isOver: isOver === 1 });
    found.set(String(id), list);
  }
  return found;
}

/** One tick by schedule and key. */
export const tickFrom = {
  sql: `select ${TICK} from schedule_ticks t where t.schedule_id = ? and t.key = ?`,
  row: (row: Cells): Tick => rowOf(new Cursor(row)),
};

/** A schedule's ticks, newest first, with where their runs stand. */
export const tickViews = {
  query(id: string, { limit, before }: TickPage): Query {
    const behind = before ? "and (t.at, t.key) < (?, ?)" : "";
    return {
      sql: `select r.status, ${TICK} from schedule_ticks t left join workflow_runs r on r.run_id = t.run_id
        where t.schedule_id = ? ${behind} order by t.at desc, t.key desc limit ?`,
      args: [id, ...(before ? [before.at, before.key] : []), limit],
    };
  },
  from(row: Cells): TickView {
    const cursor = new Cursor(row);
    const runStatus = cursor.optionalText() as RunStatus | null;
    return { runStatus, tick: rowOf(cursor) };
  },
};

function cellsOf(tick: Tick): Cells {
  const { key, at, triggeredBy, decidedAt, status } = tick;
  const isOpen = status === "waiting" || status === "starting" || status === "started" ? 1 : 0;
  const [until, count] = status === "missed" ? [tick.until, tick.count] : [null, null];
  const runId = "runId" in tick ? tick.runId : null;
  const reason = "reason" in tick ? tick.reason : null;
  return [key, at, triggeredBy, decidedAt, status, runId, reason, until, count, isOpen];
}

/** From the columns of `TICK`; the table's checks say which of them a status has. */
function rowOf(cursor: Cursor): Tick {
  const base = {
    key: cursor.text(),
    at: cursor.number(),
    triggeredBy: cursor.optionalText(),
    decidedAt: cursor.number(),
  };
  const status = cursor.text() as Tick["status"];
  const runId = cursor.text() as RunId;
  const reason = cursor.text();
  switch (status) {
    case "waiting":
      return { ...base, status };
    case "starting":
    case "started":
      return { ...base, status, runId };
    case "skipped":
    case "failed":
      return { ...base, status, reason };
    case "missed":
      return { ...base, status, reason, until: cursor.number(), count: cursor.optionalNumber() };
  }
}
