import type { StepFigures, WorkflowFigures } from "../../engine/ports/queries.ts";
import { type Cells, type Database, select } from "./database.ts";
import { Cursor } from "./read-rows.ts";

/** So many steps are looked at: a foreach over very many items costs no more than that. */
const MOST_STEPS = 50_000;

/** The newest runs along the index by workflow and time, and their steps by key. */
const FIGURES = `with recent as materialized (
  select run_id from workflow_runs
  where environment = ?1 and workflow_id = ?2 and created_at >= ?3
  order by created_at desc, run_id desc limit ?4
), done as materialized (
  select s.run_id, s.state, s.status, s.attempt, s.finished_at - coalesce(s.started_at, s.entered_at) as ms,
    iif(s.type = 'switch' and s.status = 'SUCCEEDED', s.output ->> '$', null) as next
  from recent r cross join workflow_run_steps s on s.run_id = r.run_id
  where s.reused_from is null and s.status <> 'CANCELLED'
  limit ${MOST_STEPS}
), ranked as (
  select *, row_number() over (partition by state order by ms is null, ms) as place,
    count(ms) over (partition by state) as many
  from done
)
select state, count(distinct run_id), many, sum(status in ('FAILED', 'TIMED_OUT')), sum(attempt > 1),
  max(iif(place = (many + 1) / 2, ms, null)), max(iif(place = (many * 95 + 99) / 100, ms, null)),
  (select count(*) from recent),
  (select json_group_array(json_array(state, next, runs)) from (
    select state, next, count(distinct run_id) as runs from done where next is not null group by state, next))
from ranked group by state order by state`;

/** How the states of a workflow did in its newest runs. */
export async function stepFigures(
  db: Database,
  { environment, id }: { readonly environment: string; readonly id: string },
  since: number,
  limit: number,
): Promise<WorkflowFigures> {
  const rows = await select(db, FIGURES, [environment, id, since, limit]);
  const ways = JSON.parse(String(rows[0]?.[8] ?? "[]")) as readonly [string, string, number][];
  return {
    runs: Number(rows[0]?.[7] ?? 0),
    states: rows.map(figuresFrom),
    ways: ways.map(([state, next, runs]) => ({ state, next, runs })),
  };
}

function figuresFrom(row: Cells): StepFigures {
  const cursor = new Cursor(row);
  return {
    state: cursor.text(),
    runs: cursor.number(),
    visits: cursor.number(),
    failed: cursor.number(),
    retried: cursor.number(),
    p50Ms: cursor.optionalNumber(),
    p95Ms: cursor.optionalNumber(),
  };
}
