import type { AgentFigures } from "../../engine/ports/queries.ts";
import { type Cells, type Database, select } from "./database.ts";
import { IS_TAKEN_OVER } from "./query-agent-runs.ts";
import { Cursor } from "./read-rows.ts";

/** The newest agent runs along the index by environment and time, and what their turns used up, by key. */
const FIGURES = `with recent as materialized (
  select id, agent, status, resumed_from, created_at, max(finished_at - created_at, 0) as ms from agent_runs
  where environment = ?1 and created_at >= ?2 order by created_at desc limit ?3
), used as (
  select r.agent, sum(t.reply ->> '$.usage.inputTokens') as input, sum(t.reply ->> '$.usage.outputTokens') as output,
    sum(t.reply ->> '$.usage.costUsd') as cost
  from recent r cross join agent_turns t on t.agent_run_id = r.id
  where not ${IS_TAKEN_OVER} group by r.agent
), ranked as (
  select *, row_number() over (partition by agent order by ms is null or status = 'cancelled', ms) as place,
    sum(status in ('completed', 'failed')) over (partition by agent) as many
  from recent
)
select ranked.agent, count(*), sum(status = 'completed'), sum(status = 'failed'),
  max(iif(place = (many + 1) / 2, ms, null)), max(iif(place = (many * 95 + 99) / 100, ms, null)), max(created_at),
  coalesce(max(used.input), 0), coalesce(max(used.output), 0), coalesce(max(used.cost), 0.0)
from ranked left join used on used.agent = ranked.agent group by ranked.agent order by ranked.agent`;

/** How the agents of an environment did in its newest agent runs. */
export async function agentFigures(
  db: Database,
  environment: string,
  since: number,
  limit: number,
): Promise<readonly AgentFigures[]> {
  return (await select(db, FIGURES, [environment, since, limit])).map(figuresFrom);
}

function figuresFrom(row: Cells): AgentFigures {
  const cursor = new Cursor(row);
  return {
    agent: cursor.text(),
    runs: cursor.number(),
    completed: cursor.number(),
    failed: cursor.number(),
    p50Ms: cursor.optionalNumber(),
    p95Ms: cursor.optionalNumber(),
    lastAt: cursor.number(),
    inputTokens: cursor.number(),
    outputTokens: cursor.number(),
    costUsd: cursor.number(),
  };
}
