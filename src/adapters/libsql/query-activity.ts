import type { RunStatus } from "../../core/run/run.ts";
import type { FailedRun } from "../../core/view/failures.ts";
import type { Activity, ActivityFilter } from "../../engine/ports/queries.ts";
import type { Cells, Database } from "./database.ts";
import { Where } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";

/** Failures beyond this are not told apart: a page does not show them. */
const MOST_FAILURES = 1000;

/** Runs by when they were created and how they are, and the newest that failed; along the index by time. */
export async function activity(db: Database, filter: ActivityFilter): Promise<Activity> {
  const { since, until, bucketMs, environments } = filter;
  const where = new Where();
  where.add("created_at >= ?", since);
  where.add("created_at < ?", until);
  where.isIn("environment", environments);
  const [counted = [], failed = []] = await db.read([
    {
      sql: `select cast((created_at - ?) / ? as integer), status, count(*) from workflow_runs ${where.sql()} group by 1, 2`,
      args: [since, bucketMs, ...where.args],
    },
    {
      sql: `select run_id, environment, workflow_id, finished_at,
          iif(json_valid(error), error ->> 'state', null),
          iif(json_valid(error), error ->> 'code', status),
          iif(json_valid(error), substr(error ->> 'message', 1, 500), 'its error is too large to be shown here')
        from workflow_runs ${where.sql()} and status in ('FAILED', 'TIMED_OUT')
        order by created_at desc, run_id desc limit ?`,
      args: [...where.args, MOST_FAILURES],
    },
  ]);
  return {
    buckets: bucketsFrom(counted, filter),
    failures: failed.map((row) => failedFrom(new Cursor(row))),
  };
}

/** Every stretch of time, also those in which nothing began. */
function bucketsFrom(rows: readonly Cells[], { since, until, bucketMs }: ActivityFilter) {
  const byIndex = Map.groupBy(rows, ([index]) => Number(index));
  return Array.from({ length: Math.ceil((until - since) / bucketMs) }, (_, index) => ({
    at: since + index * bucketMs,
    counts: Object.fromEntries(
      (byIndex.get(index) ?? []).map(([, status, count]) => [status as RunStatus, Number(count)]),
    ),
  }));
}

function failedFrom(cursor: Cursor): FailedRun {
  return {
    runId: cursor.text(),
    environment: cursor.text(),
    workflowId: cursor.text(),
    finishedAt: cursor.number(),
    state: cursor.optionalText(),
    code: cursor.text(),
    message: cursor.text(),
  };
}
