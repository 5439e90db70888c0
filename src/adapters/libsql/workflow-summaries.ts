import type { RunId } from "../../core/run/ids.ts";
import type { RunStatus } from "../../core/run/run.ts";
import type { Disabled, FiguredWorkflow, WorkflowSummary } from "../../engine/ports/workflows.ts";
import { type Cells, type Database, select } from "./database.ts";
import { Cursor } from "./read-rows.ts";

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;

const LIST = `select d.id, d.environment, d.current_version, d.enabled, d.disabled_by,
  d.disabled_because, v.source_format, v.origin, d.created_at,
  d.updated_at, v.name, v.description
from workflow_definitions d
join workflow_definition_versions v
  on v.environment = d.environment and v.id = d.id and v.version = d.current_version
where ?1 is null or d.environment = ?1
order by d.environment, d.id`;

const LAST_RUNS = `select run_id, status, created_at, finished_at from workflow_runs
where workflow_id = ? and environment = ? order by created_at desc, run_id desc limit 14`;

/**
 * Of the newest thousand runs only, so that a busy workflow's page costs no more than a quiet one's. An error is small
 * enough to stand in its row, or it is none that a rejection leaves.
 */
const FINISHED = `with finished as (
  select case
      when lifecycle not in ('FAILED', 'TIMED_OUT') then lifecycle
      when json_valid(error) and error ->> 'type' = 'rejected' then 'REJECTED'
      else 'FAILED'
    end as came_to, finished_at - coalesce(started_at, created_at) as ms
  from workflow_runs
  where workflow_id = ?1 and environment = ?2 and created_at > ?3 and finished_at is not null
  order by created_at desc limit 1000
), ranked as (
  select ms, row_number() over (order by ms) as place, count(*) over () as many
  from finished where came_to = 'COMPLETED'
)
select sum(came_to = 'COMPLETED'), sum(came_to = 'FAILED'), sum(came_to = 'REJECTED'), sum(came_to = 'CANCELLED'),
  (select ms from ranked where place = (many + 1) / 2)
from finished`;

/** The workflows of an environment, or of all. */
export async function summaries(
  db: Database,
  environment: string | undefined,
): Promise<readonly WorkflowSummary[]> {
  return (await select(db, LIST, [environment ?? null])).map(summaryFrom);
}

/** The same with how their runs went lately. */
export async function withFigures(
  db: Database,
  now: number,
  of: readonly WorkflowSummary[],
): Promise<readonly FiguredWorkflow[]> {
  const answers = await db.read(
    of.flatMap(({ id, environment }) => [
      { sql: LAST_RUNS, args: [id, environment] },
      { sql: FINISHED, args: [id, environment, now - THIRTY_DAYS_MS] },
    ]),
  );
  return of.map((one, index) => figured(one, answers[2 * index] ?? [], answers[2 * index + 1]?.[0]));
}

function summaryFrom(row: Cells): WorkflowSummary {
  const cursor = new Cursor(row);
  return {
    id: cursor.text(),
    environment: cursor.text(),
    version: cursor.number(),
    enabled: cursor.number() === 1,
    disabled: disabledFrom(cursor.optionalText(), cursor.optionalText()),
    sourceFormat: cursor.text() as WorkflowSummary["sourceFormat"],
    origin: cursor.text(),
    createdAt: cursor.number(),
    updatedAt: cursor.number(),
    name: cursor.text(),
    description: cursor.optionalText(),
  };
}

function figured(
  summary: WorkflowSummary,
  lastRuns: readonly Cells[],
  finished: Cells | undefined,
): FiguredWorkflow {
  return {
    ...summary,
    lastRuns: lastRuns.map(([runId, status, createdAt, finishedAt = null]) => ({
      runId: String(runId) as RunId,
      status: status as RunStatus,
      createdAt: Number(createdAt),
      finishedAt: finishedAt === null ? null : Number(finishedAt),
    })),
    ended30d: {
      completed: Number(finished?.[0] ?? 0),
      failed: Number(finished?.[1] ?? 0),
      rejected: Number(finished?.[2] ?? 0),
      cancelled: Number(finished?.[3] ?? 0),
    },
    p50Ms: (finished?.[4] ?? null) as number | null,
  };
}

/** Who disabled a workflow, from two cells; `null` where nobody remembers. */
export function disabledFrom(by: string | null, because: string | null): Disabled | null {
  return by === null || because === null ? null : { by, because: because as Disabled["because"] };
}
