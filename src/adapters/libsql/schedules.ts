import { randomUUID } from "node:crypto";
import type { Schedule } from "../../core/schedule/schedule.ts";
import type { Standing } from "../../core/schedule/take-turn.ts";
import type { Schedules } from "../../engine/ports/schedules.ts";
import { adding } from "./admin-events.ts";
import { type Cells, type Database, type Query, select } from "./database.ts";
import { Where } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";
import { scheduleCells, scheduleFrom } from "./schedule-rows.ts";
import { openTicks, prune, putTicks, settleTick, tickFrom, tickViews } from "./schedule-ticks.ts";

const COLUMNS = `id, environment, name, origin, created_at, created_by, workflow_id, spec, paused_at, paused_by,
  pause_reason, considered_until, look_at, updated_at, updated_by, revision`;

const ADD = `insert into schedules (${COLUMNS}, changed_by)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing returning 1`;

const CHANGE = `update schedules set workflow_id = ?, spec = ?, paused_at = ?, paused_by = ?, pause_reason = ?,
  considered_until = ?, look_at = ?, updated_at = ?, updated_by = ?, revision = revision + 1, changed_by = ?
where id = ? and revision = ? returning 1`;

const REST = "update schedules set look_at = ? where id = ? and revision = ?";

const BY_CHANGE = "select 1 from schedules where id = ? and changed_by = ?";

/** Ticks that wait for nothing any more. The planner would walk a schedule's whole history for its open ticks. */
const LET_IN = `select distinct schedule_id from schedule_ticks w where w.status = 'waiting' and not exists (
  select 1 from schedule_ticks o indexed by schedule_ticks_open left join workflow_runs r on r.run_id = o.run_id
  where o.schedule_id = w.schedule_id and o.is_open = 1
    and (o.status = 'starting' or (o.status = 'started' and r.run_id is not null and r.finished_at is null))
) limit ?`;

const DUE = `select ${COLUMNS} from schedules where look_at <= ? order by look_at limit ?`;

const DECLARED = `select d.environment, d.id, v.definition ->> '$.schedule', v.created_by
from workflow_definitions d
join workflow_definition_versions v on v.environment = d.environment and v.id = d.id and v.version = d.current_version
where v.definition ->> '$.schedule' is not null`;

/** Schedules, each change with its ticks and its event in one transaction. */
export function schedules(db: Database): Schedules {
  const withIds = (ids: readonly string[]) =>
    select(db, `select ${COLUMNS} from schedules where id in (select value from json_each(?))`, [
      JSON.stringify(ids),
    ]);
  const standingsOf = async (found: readonly Schedule[]): Promise<readonly Standing[]> => {
    if (found.length === 0) return [];
    const open = await openTicks(
      db,
      found.map(({ id }) => id),
    );
    return found.map((schedule) => ({ schedule, open: open.get(schedule.id) ?? [] }));
  };

  return {
    async add(schedule, event) {
      const { id, environment, name, origin, createdAt, createdBy, revision } = schedule;
      const args = [
        id,
        environment,
        name,
        origin,
        createdAt,
        createdBy,
        ...scheduleCells(schedule),
        revision,
        event.id,
      ];
      const [added = []] = await db.write([{ sql: ADD, args }, adding(event, byChange(id, event.id))]);
      return added.length > 0;
    },
    async find(environment, name) {
      const [row] = await select(db, `select ${COLUMNS} from schedules where environment = ? and name = ?`, [
        environment,
        name,
      ]);
      return row ? scheduleFrom(row) : null;
    },
    async list({ environments, workflowId }, { limit, after }) {
      const where = new Where();
      where.isIn("environment", environments ?? undefined);
      if (workflowId !== undefined) where.add("workflow_id = ?", workflowId);
      if (after) where.add("(environment, name) > (?, ?)", after.environment, after.name);
      const rows = await select(
        db,
        `select ${COLUMNS} from schedules ${where.sql()} order by environment, name limit ?`,
        [...where.args, limit],
      );
      const found = rows.map(scheduleFrom);
      const last = await db.read(found.map(({ id }) => tickViews.query(id, { limit: 1 })));
      return found.map((schedule, index) => {
        const row = last[index]?.[0];
        return { schedule, last: row ? tickViews.from(row) : null };
      });
    },
    async standing(id) {
      const [standing] = await standingsOf((await withIds([id])).map(scheduleFrom));
      return standing ?? null;
    },
    async due(now, limit) {
      const [rows = [], letIn = [], next = []] = await db.read([
        { sql: DUE, args: [now, limit] },
        { sql: LET_IN, args: [limit] },
        { sql: "select min(look_at) from schedules where look_at > ?", args: [now] },
      ]);
      const found = rows.map(scheduleFrom);
      const known = new Set(found.map(({ id }) => id));
      const others = letIn.map(([id]) => String(id)).filter((id) => !known.has(id));
      if (others.length > 0) found.push(...(await withIds(others)).map(scheduleFrom));
      return { standings: await standingsOf(found), nextLookAt: (next[0]?.[0] ?? null) as number | null };
    },
    async keep(changes) {
      const ids = changes.map(({ event }) => event?.id ?? randomUUID());
      const queries: Query[] = [];
      const updates: number[] = [];
      for (const [index, { before, after, turn, event }] of changes.entries()) {
        const change = ids[index] ?? "";
        const kept = byChange(before.id, change);
        updates.push(queries.length);
        queries.push({ sql: CHANGE, args: [...scheduleCells(after), change, before.id, before.revision] });
        if (turn.ticks.length + turn.over.length > 0)
          queries.push(...putTicks(before.id, turn, kept), prune(before.id));
        if (event) queries.push(adding(event, kept));
      }
      const results = queries.length > 0 ? await db.write(queries) : [];
      const done = changes.filter((_, index) => (results[updates[index] ?? -1] ?? []).length > 0);
      return new Set(done.map(({ before }) => before.id));
    },
    async settle(settlements, at) {
      await db.write(
        settlements.flatMap(({ id, revision, fates, lookAt }) => [
          ...fates.map(({ key, fate }) => settleTick(id, key, fate, at)),
          { sql: REST, args: [lookAt, id, revision] },
        ]),
      );
    },
    async remove({ id, revision }, event) {
      // The event first: behind the row's end nothing tells whether it was this one that went.
      const there = {
        sql: "exists (select 1 from schedules where id = ? and revision = ?)",
        args: [id, revision],
      };
      const gone = "delete from schedules where id = ? and revision = ? returning 1";
      const [, removed = []] = await db.write([adding(event, there), { sql: gone, args: [id, revision] }]);
      return removed.length > 0;
    },
    async ticks(id, page) {
      const { sql, args } = tickViews.query(id, page);
      return (await select(db, sql, args)).map(tickViews.from);
    },
    async tick(id, key) {
      const [row] = await select(db, tickFrom.sql, [id, key]);
      return row ? tickFrom.row(row) : null;
    },
    async declared() {
      const rows = await select(db, DECLARED, []);
      return rows.map((row) => {
        const cursor = new Cursor(row);
        return {
          environment: cursor.text(),
          workflowId: cursor.text(),
          schedule: JSON.parse(cursor.text()),
          by: cursor.text(),
        };
      });
    },
    async fromWorkflows() {
      const rows = await select(db, `select ${COLUMNS} from schedules where origin = 'workflow'`, []);
      return rows.map(scheduleFrom);
    },
  };
}

function byChange(id: string, change: string): { readonly sql: string; readonly args: Cells } {
  return { sql: `exists (${BY_CHANGE})`, args: [id, change] };
}
