import type { FinalStatus } from "../../core/retention/policy.ts";
import type { Archive, Archives, Candidate, Hold } from "../../engine/ports/archives.ts";
import { adding } from "./admin-events.ts";
import { archivedLines } from "./archived-lines.ts";
import { bringBack } from "./bring-back.ts";
import { type Cells, type Database, select } from "./database.ts";
import { purgeRun } from "./purge.ts";
import { Cursor } from "./read-rows.ts";
import { reclaim } from "./reclaim.ts";
import { removeRuns } from "./remove-runs.ts";

const COLUMNS = "archive_id, file, created_at, status, runs, events, bytes, sha256";

/**
 * Finished to the last row: sealed and vouched for, no agent at work, nothing asked for or to be told, in no file,
 * and nobody who called it still going on. */
const CANDIDATES = `select r.run_id, r.workflow_id, r.environment, r.finished_at, r.created_at, r.labels,
  s.seq, s.hash, c.checkpoint
from workflow_runs r join workflow_run_seals s on s.run_id = r.run_id
  and s.seq = (select max(e.seq) from workflow_run_events e where e.run_id = r.run_id)
join audit_heads c on c.run_id = r.run_id and c.seq = s.seq and c.hash = s.hash
where r.status = ?1 and r.created_at <= ?2 and r.finished_at <= ?2 and (r.created_at, r.run_id) > (?3, ?4)
  and not exists (select 1 from workflow_run_holds h where h.run_id = r.run_id)
  and not exists (select 1 from workflow_runs p where p.run_id = r.caller and p.finished_at is null)
  and not exists (select 1 from workflow_archived_runs a where a.run_id = r.run_id)
  and not exists (select 1 from workflow_outbox o where o.run_id = r.run_id)
  and not exists (select 1 from notification_deliveries d where d.run_id = r.run_id and d.status = 'PENDING')
  and not exists (
    select 1 from agent_runs g where g.workflow_run_id = r.run_id and g.status in ('running', 'waiting'))
order by r.created_at, r.run_id limit ?5`;

const BEGIN_RUNS = `insert into workflow_archived_runs (run_id, archive_id, environment, seq, hash)
select r.run_id, ?1, r.environment, j.value ->> 1, j.value ->> 2
from json_each(?2) j join workflow_runs r on r.run_id = j.value ->> 0
where not exists (select 1 from workflow_run_holds h where h.run_id = r.run_id)
on conflict do nothing`;

const COUNT = `update workflow_archives set
  runs = (select count(*) from workflow_archived_runs where archive_id = ?1),
  events = (select coalesce(sum(seq), 0) from workflow_archived_runs where archive_id = ?1)
where archive_id = ?1`;

/** The heads of an archive's runs, those that are still here and those that are not. */
const HEADS =
  "select run_id, environment, seq, hash from workflow_archived_runs where archive_id = ? order by run_id";

const FIND = `select r.run_id, r.environment, r.seq, r.hash, r.archive_id, a.file
from workflow_archived_runs r join workflow_archives a on a.archive_id = r.archive_id
where r.run_id = ? and r.removed_at is not null`;

/** Everything about runs that leave the database, and about those that must not; `forget` comes before a purge. */
export function archives(db: Database, forget: () => void): Archives {
  const one = async (where: string, args: Cells) => {
    const [row] = await select(db, `select ${COLUMNS} from workflow_archives ${where} limit 1`, args);
    return row ? archiveFrom(row) : null;
  };
  return {
    async candidates(status, before, after, limit) {
      const args = [status, before, after?.createdAt ?? -1, after?.runId ?? "", limit];
      return (await select(db, CANDIDATES, args)).map((row) => candidateFrom(row, status));
    },
    async begin({ archiveId, file, createdAt }, runs) {
      await db.write([
        {
          sql: `insert into workflow_archives (${COLUMNS}) values (?, ?, ?, 'writing', 0, 0, null, null)`,
          args: [archiveId, file, createdAt],
        },
        {
          sql: BEGIN_RUNS,
          args: [archiveId, JSON.stringify(runs.map(({ runId, seq, hash }) => [runId, seq, hash]))],
        },
        { sql: COUNT, args: [archiveId] },
      ]);
    },
    lines: (archiveId) => archivedLines(db, archiveId),
    async written(archiveId, { sha256, bytes }, event) {
      const [rows = []] = await db.write([
        {
          sql: `update workflow_archives set status = 'written', sha256 = ?, bytes = ?
            where archive_id = ? and status = 'writing' returning 1`,
          args: [sha256, bytes, archiveId],
        },
        adding(event, {
          sql: "changes() > 0 and exists (select 1 from workflow_archives where archive_id = ? and status = 'written')",
          args: [archiveId],
        }),
      ]);
      return rows.length > 0;
    },
    async giveUp(archiveId) {
      await db.write([
        {
          sql: "delete from workflow_archives where archive_id = ? and status = 'writing'",
          args: [archiveId],
        },
      ]);
    },
    removeRuns: (archiveId, now, signal) => removeRuns(db, archiveId, now, signal),
    unfinished: () => one("where status <> 'done' order by archive_id", []),
    get: (archiveId) => one("where archive_id = ?", [archiveId]),
    async list({ limit, before }) {
      const rows = await select(
        db,
        `select ${COLUMNS} from workflow_archives where archive_id < ? order by archive_id desc limit ?`,
        [before ?? "~", limit],
      );
      return rows.map(archiveFrom);
    },
    async find(runId) {
      const [row] = await select(db, FIND, [runId]);
      if (!row) return null;
      const cursor = new Cursor(row);
      return { ...headFrom(cursor), archiveId: cursor.text(), file: cursor.text() };
    },
    async heads(archiveId) {
      return (await select(db, HEADS, [archiveId])).map((row) => headFrom(new Cursor(row)));
    },
    bringBack: (lines, runIds, hold, told) => bringBack(db, lines, runIds, hold, told),
    async hold(runId, hold, event) {
      const [held = [], , archived = []] = await db.write([
        { sql: `${HOLD} returning 1`, args: holdArgs(runId, hold) },
        adding(event, {
          sql: "exists (select 1 from workflow_run_holds where run_id = ? and held_at = ? and held_by = ?)",
          args: [runId, hold.at, hold.by],
        }),
        { sql: "select 1 from workflow_archived_runs where run_id = ?", args: [runId] },
      ]);
      return held.length > 0 ? "held" : archived.length > 0 ? "archived" : "unknown";
    },
    async release(runId, event) {
      const [, released = []] = await db.write([
        adding(event, { sql: "exists (select 1 from workflow_run_holds where run_id = ?)", args: [runId] }),
        { sql: "delete from workflow_run_holds where run_id = ? returning 1", args: [runId] },
      ]);
      return released.length > 0;
    },
    purge(runId, at, event) {
      forget();
      return purgeRun(db, runId, at, event);
    },
    reclaim: (signal) => reclaim(db, signal),
  };
}

/** Holds a run that is there and in no file; holding it again changes the reason. */
const HOLD = `insert into workflow_run_holds (run_id, reason, held_at, held_by)
select run_id, ?2, ?3, ?4 from workflow_runs r where run_id = ?1
  and not exists (select 1 from workflow_archived_runs a where a.run_id = r.run_id)
on conflict (run_id) do update set reason = excluded.reason, held_at = excluded.held_at, held_by = excluded.held_by`;

function holdArgs(runId: string, { reason, at, by }: Hold): Cells {
  return [runId, reason, at, by];
}

function headFrom(cursor: Cursor) {
  return { runId: cursor.text(), environment: cursor.text(), seq: cursor.number(), hash: cursor.text() };
}

function candidateFrom(row: Cells, status: FinalStatus): Candidate {
  const cursor = new Cursor(row);
  return {
    runId: cursor.text(),
    workflowId: cursor.text(),
    environment: cursor.text(),
    status,
    finishedAt: cursor.number(),
    createdAt: cursor.number(),
    labels: JSON.parse(cursor.text()),
    seq: cursor.number(),
    hash: cursor.text(),
    checkpoint: cursor.number(),
  };
}

function archiveFrom(row: Cells): Archive {
  const [archiveId, file, createdAt, status, runs, events, bytes, sha256] = row;
  return {
    archiveId: String(archiveId),
    file: String(file),
    createdAt: Number(createdAt),
    status,
    runs: Number(runs),
    events: Number(events),
    bytes,
    sha256,
  } as Archive;
}
