import type { Standing } from "../../core/run/blocked-on.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { Slot } from "../../core/run/slot.ts";
import { type Cell, type Database, select } from "./database.ts";

/**
 * Runs that have not ended and have a key. The index is named: by another one the planner would go through all that the
 * workflow ever had.
 */
const RUNS = "workflow_runs h indexed by workflow_runs_by_slot";
/** Those under one key. */
const under = (environment: string, workflow: string, key: string) => `h.environment = ${environment}
  and h.workflow_id = ${workflow} and h.concurrency_key = ${key} and h.finished_at is null`;

/** Those that hold a slot; without their number nobody can say whether another is free. */
const HOLDS = "h.lifecycle in ('RUNNING', 'PAUSED')";
const WAITS = "h.lifecycle = 'PENDING'";

/** True when as many runs as may are ahead of one; the operands are SQL, in the order of `slotArgs`. */
export function isFull([environment, workflow, key, createdAt, runId, limit]: readonly string[]): string {
  const runs = `from ${RUNS} where ${under(`${environment}`, `${workflow}`, `${key}`)}`;
  return `(select count(*) ${runs} and ${HOLDS})
    + (select count(*) ${runs} and ${WAITS} and (h.created_at, h.run_id) < (${createdAt}, ${runId})) >= ${limit}`;
}

/** One row when the slot of `slotArgs` can be had. */
export const IS_FREE = `select 1 where not (${isFull(["?1", "?2", "?3", "?4", "?5", "?6"])})`;

/** A slot as its statements are given it. Without a run that wants it, everybody is ahead. */
export function slotArgs({ environment, workflowId, key, limit, behind }: Slot): readonly Cell[] {
  const [createdAt, runId] = behind ? [behind.createdAt, behind.runId] : [Number.MAX_SAFE_INTEGER, ""];
  return [environment, workflowId, key, createdAt, runId, limit];
}

const UNDER = under("?1", "?2", "?3");
const AHEAD = `select run_id from (
  select 0 as waits, created_at, run_id from ${RUNS} where ${UNDER} and ${HOLDS}
  union all
  select * from (select 1, created_at, run_id from ${RUNS}
    where ${UNDER} and ${WAITS} and (h.created_at, h.run_id) < (?4, ?5) order by h.created_at, h.run_id limit ?6)
) order by waits, created_at, run_id`;

/** Whoever is ahead for a slot: its holders, then at most `most` of those that wait; the oldest of each first. */
export async function aheadOf(db: Database, slot: Slot, most: number): Promise<readonly RunId[]> {
  const rows = await select(db, AHEAD, [...slotArgs(slot).slice(0, 5), most]);
  return rows.map(([runId]) => runId as RunId);
}

const UNDER_ENDED = under("ended.environment", "ended.workflow_id", "ended.concurrency_key");

/** How many hold a slot under the key of the run in `ended`, which has none any more. */
export const HELD_BY_OTHERS = `select count(*) from ended, ${RUNS} where ${UNDER_ENDED} and ${HOLDS}`;

/** The greatest limit under the key of the run in `ended`: others may be of other versions. The index has it at its end. */
const GREATEST_LIMIT = `select max(h.concurrency_limit) from workflow_runs h indexed by workflow_runs_by_slot_limit
  where ${under("(select environment from ended)", "(select workflow_id from ended)", "(select concurrency_key from ended)")}`;

/** The oldest that wait under the key of the run in `ended`, from place 0 on: as many as could start under any limit. */
export const WAITING_LONGEST = `select h.run_id, h.concurrency_limit,
    row_number() over (order by h.created_at, h.run_id) - 1 as place
  from ended, ${RUNS} where ${UNDER_ENDED} and ${WAITS}
  order by h.created_at, h.run_id limit coalesce((${GREATEST_LIMIT}), 0)`;

const UNDER_RUN = under(
  "workflow_runs.environment",
  "workflow_runs.workflow_id",
  "workflow_runs.concurrency_key",
);
const RUNS_UNDER_RUN = `from ${RUNS} where ${UNDER_RUN}`;

/** Of a run that has not started: whom it lets go first, as JSON; null for one that nothing limits. */
export const QUEUE = `case when lifecycle = 'PENDING' and concurrency_key is not null then json_object(
  'key', concurrency_key, 'limit', concurrency_limit,
  'holder', (select h.run_id ${RUNS_UNDER_RUN} and ${HOLDS} order by h.created_at, h.run_id limit 1),
  'held', (select count(*) ${RUNS_UNDER_RUN} and ${HOLDS}),
  'ahead', (select count(*) ${RUNS_UNDER_RUN} and ${WAITS}
    and (h.created_at, h.run_id) < (workflow_runs.created_at, workflow_runs.run_id))) end`;

/** What `QUEUE` answered, or nothing did. */
export function queueFrom(cell: Cell | undefined): Standing["queue"] {
  return typeof cell === "string" ? JSON.parse(cell) : null;
}

/** The runs that wait for a slot which is not to be had: nobody has to wake them. */
export const WAITING_FOR_SLOT = `with held as (
  select h.environment, h.workflow_id, h.concurrency_key, count(*) as runs from ${RUNS}
  where h.concurrency_key is not null and h.finished_at is null and ${HOLDS} group by 1, 2, 3
), waiting as (
  select h.run_id, h.concurrency_limit, h.environment, h.workflow_id, h.concurrency_key, row_number() over (
      partition by h.environment, h.workflow_id, h.concurrency_key, h.lifecycle order by h.created_at, h.run_id
    ) - 1 as place
  from ${RUNS} where h.concurrency_key is not null and h.finished_at is null and ${WAITS}
)
select run_id from waiting left join held using (environment, workflow_id, concurrency_key)
where place + coalesce(runs, 0) >= concurrency_limit`;

/** Keys under which more runs go on than any of them may be beside. */
export const HELD_BY_TOO_MANY = `select 1 from ${RUNS}
where h.concurrency_key is not null and h.finished_at is null and ${HOLDS}
group by h.environment, h.workflow_id, h.concurrency_key having count(*) > max(h.concurrency_limit)`;
