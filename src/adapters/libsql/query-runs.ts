import type { RunId } from "../../core/run/ids.ts";
import type { RunStatus } from "../../core/run/run.ts";
import { traceOf } from "../../core/trace/context.ts";
import type { Page, RunFilter, RunSummary } from "../../engine/ports/queries.ts";
import { type Cell, type Cells, type Database, select } from "./database.ts";
import { Cursor } from "./read-rows.ts";

/** The columns that `summaryFrom` expects. */
export const SUMMARY = `run_id, workflow_id, workflow_version, environment, status, started_by, created_at,
  started_at, finished_at, simulated, labels`;

/** Newest first; `before` is the last row of the page before. */
export async function listRuns(db: Database, filter: RunFilter, page: Page): Promise<readonly RunSummary[]> {
  const where = conditions(filter);
  if (page.before) where.add("(created_at, run_id) < (?, ?)", page.before.at, page.before.id);
  const rows = await select(
    db,
    `select ${SUMMARY} from workflow_runs ${where.sql()} order by created_at desc, run_id desc limit ?`,
    [...where.args, page.limit],
  );
  return rows.map((row) => summaryFrom(new Cursor(row)));
}

const NONE: Record<RunStatus, number> = {
  PENDING: 0,
  RUNNING: 0,
  WAITING_APPROVAL: 0,
  WAITING_SIGNAL: 0,
  PAUSED: 0,
  COMPLETED: 0,
  FAILED: 0,
  CANCELLED: 0,
  TIMED_OUT: 0,
};

export async function countRuns(
  db: Database,
  filter: RunFilter,
): Promise<Readonly<Record<RunStatus, number>>> {
  const where = conditions(filter);
  const rows = await select(
    db,
    `select status, count(*) from workflow_runs ${where.sql()} group by status`,
    where.args,
  );
  return { ...NONE, ...Object.fromEntries(rows.map(([status, count]) => [status, count])) };
}

export async function runIdsByPrefix(db: Database, prefix: string, limit: number): Promise<readonly RunId[]> {
  const rows = await select(
    db,
    "select run_id from workflow_runs where run_id >= ?1 and run_id < ?1 || char(1114111) order by run_id limit ?2",
    [prefix, limit],
  );
  return rows.map(([id]) => String(id) as RunId);
}

export function summaryFrom(cursor: Cursor): RunSummary {
  return {
    runId: cursor.text() as RunId,
    workflowId: cursor.text(),
    workflowVersion: cursor.number(),
    environment: cursor.text(),
    status: cursor.text() as RunStatus,
    startedBy: cursor.text(),
    createdAt: cursor.number(),
    startedAt: cursor.optionalNumber(),
    finishedAt: cursor.optionalNumber(),
    simulated: cursor.number() === 1,
    labels: JSON.parse(cursor.text()),
  };
}

function conditions(filter: RunFilter): Where {
  const where = new Where();
  if (filter.workflowId !== undefined) where.add("workflow_id = ?", filter.workflowId);
  where.isIn("environment", filter.environments);
  if (filter.status && filter.status.length > 0)
    where.add("status in (select value from json_each(?))", JSON.stringify(filter.status));
  if (filter.startedAfter !== undefined) where.add("created_at >= ?", filter.startedAfter);
  if (filter.startedBefore !== undefined) where.add("created_at < ?", filter.startedBefore);
  if (filter.startedBy !== undefined)
    where.add("substr(started_by, 1, length(?)) = ?", filter.startedBy, filter.startedBy);
  if (filter.calledBy !== undefined) where.add("caller = ?", filter.calledBy);
  if (filter.q) {
    const text = like(filter.q);
    const among = where.sql();
    // Texts and inputs have no index: whoever searches reads so many of them and no more.
    where.add(
      String.raw`(run_id like ? escape '\' or workflow_id like ? escape '\' or started_by like ? escape '\'
        or labels like ? escape '\' or iif(run_id in (
          select run_id from workflow_runs ${among} order by created_at desc, run_id desc limit ${SEARCHED_DEEPLY}
        ), iif(json_valid(error), error ->> 'code' like ? escape '\' or error ->> 'message' like ? escape '\', 0)
          or iif(octet_length(input) <= ${SEARCHED_BYTES} and input like ? escape '\' and json_valid(input),
            exists (select 1 from json_tree(input) where atom like ? escape '\'), 0), 0))`,
      ...[text, text, text, text],
      ...where.args,
      ...[text, text, like(JSON.stringify(filter.q).slice(1, -1)), text],
    );
  }
  return where;
}

/** So many of the newest runs, of those the other conditions leave, are searched for error texts and input values. */
const SEARCHED_DEEPLY = 2000;
/** The length is known without the text: a long input costs nothing. */
const SEARCHED_BYTES = 16_384;

function like(text: string): string {
  return `%${text.replace(/[\\%_]/g, (c) => `\\${c}`)}%`;
}

/** Conditions that all hold, with their values in order. */
export class Where {
  readonly args: Cell[] = [];
  readonly #conditions: string[] = [];

  add(condition: string, ...args: Cells): void {
    this.#conditions.push(condition);
    this.args.push(...args);
  }

  /** One of `values`; `undefined` is no condition. */
  isIn(column: string, values: readonly string[] | undefined): void {
    if (values?.length === 1) this.add(`${column} = ?`, values[0] ?? null);
    else if (values) this.add(`${column} in (select value from json_each(?))`, JSON.stringify(values));
  }

  sql(): string {
    return this.#conditions.length === 0 ? "" : `where ${this.#conditions.join(" and ")}`;
  }
}

/** The traces that runs belong to. */
export async function traceIds(db: Database, runIds: readonly RunId[]): Promise<ReadonlyMap<RunId, string>> {
  const rows = await select(
    db,
    "select run_id, traceparent from workflow_runs where run_id in (select value from json_each(?))",
    [JSON.stringify(runIds)],
  );
  return new Map(
    rows.map(([runId, given]) => {
      const id = runId as RunId;
      return [id, traceOf({ id, traceparent: given === null ? null : String(given) }).traceId];
    }),
  );
}
