import { setImmediate as nextTurn } from "node:timers/promises";
import { type Cells, type Database, select } from "./database.ts";
import { type RunTable, runTablesOf } from "./run-tables.ts";
import { type Ask, quoted, shapeOf } from "./table-shapes.ts";

const LEFT = `select run_id, seq from workflow_archived_runs
where archive_id = ? and removed_at is null order by run_id`;

const IN_FILE = "archive_id = ?2 and removed_at is null and run_id in (select value from json_each(?1))";
const REMOVE = `delete from workflow_runs
where run_id in (select run_id from workflow_archived_runs where ${IN_FILE})`;
const GONE = `update workflow_archived_runs set removed_at = ?3 where ${IN_FILE}`;

/** Runs that go in one transaction: as many as have so many events together. */
const MOST_EVENTS = 100;
/** What a transaction may take, so that no decision waits for long. */
const AIM_MS = 15;

/**
 * Removes the runs of a written archive, and marks it as done. A large run goes in parts, its newest events first: what is
 * left of it has no gap. May be broken off anywhere and called again.
 */
export async function removeRuns(
  db: Database,
  archiveId: string,
  now: number,
  signal: AbortSignal,
): Promise<number> {
  const ask: Ask = (sql, args) => select(db, sql, args);
  const tables = runTablesOf(await shapeOf(ask));
  const left = await select(db, LEFT, [archiveId]);
  let together: string[] = [];
  let events = 0;
  const flush = async () => {
    if (together.length > 0) await removeWhole(db, archiveId, together, now);
    together = [];
    events = 0;
    await nextTurn();
  };
  for (const [runId, seq] of left) {
    signal.throwIfAborted();
    if (Number(seq) > MOST_EVENTS) await removeParts(db, archiveId, tables, String(runId), signal);
    together.push(String(runId));
    events += Number(seq);
    if (events >= MOST_EVENTS) await flush();
  }
  await flush();
  await db.write([
    {
      sql: "update workflow_archives set status = 'done' where archive_id = ? and status = 'written'",
      args: [archiveId],
    },
  ]);
  return left.length;
}

async function removeWhole(
  db: Database,
  archiveId: string,
  runIds: readonly string[],
  now: number,
): Promise<void> {
  const ids = JSON.stringify(runIds);
  await db.write([
    { sql: REMOVE, args: [ids, archiveId] },
    { sql: GONE, args: [ids, archiveId, now] },
  ]);
}

/** Everything but the run's own row, which stays to say what is left of it. */
async function removeParts(
  db: Database,
  archiveId: string,
  tables: readonly RunTable[],
  runId: string,
  signal: AbortSignal,
): Promise<void> {
  for (const table of tables.toReversed()) {
    if (table.name === "workflow_runs") continue;
    const key = table.key.map(quoted).join(", ");
    const newestFirst = table.key.map((column) => `${quoted(column)} desc`).join(", ");
    const sql = `delete from ${quoted(table.name)} where (${key}) in (
      select ${key} from ${quoted(table.name)} where ${table.ofRun} order by ${newestFirst} limit ?)
      and exists (select 1 from workflow_archived_runs where run_id = ? and archive_id = ? and removed_at is null)
      returning 1`;
    let limit = 32;
    for (;;) {
      signal.throwIfAborted();
      const began = performance.now();
      const [rows = []]: readonly (readonly Cells[])[] = await db.write([
        { sql, args: [runId, limit, runId, archiveId] },
      ]);
      if (rows.length < limit) break;
      const took = performance.now() - began;
      limit = Math.max(
        1,
        Math.min(1000, Math.floor(took > AIM_MS ? limit / 2 : took < AIM_MS / 3 ? limit * 2 : limit)),
      );
      await nextTurn();
    }
  }
}
