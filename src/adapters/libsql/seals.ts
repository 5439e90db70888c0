import { ADMIN_CHAIN_START } from "../../core/audit/admin-chain.ts";
import { chainStart, type SealedText } from "../../core/audit/chain.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { Seals } from "../../engine/ports/seals.ts";
import { ADMIN_COLUMNS, adminTextFrom } from "./admin-events.ts";
import { type Cells, type Database, select, wide } from "./database.ts";
import { textFrom } from "./event-text.ts";
import type { PlacedText, RecentEvents } from "./recent-events.ts";

const PROGRESS = "select position from workflow_seal_progress";

const TEXTS = wide(
  "position, run_id, seq, at, actor, channel, type, data, spilled",
  `from workflow_run_events where position > (${PROGRESS}) order by position limit ?`,
);

const LAST_SEALS = `select run_id, hash from workflow_run_seals s
where run_id in (select value from json_each(?))
  and seq = (select max(seq) from workflow_run_seals l where l.run_id = s.run_id)`;

const ADVANCE = "update workflow_seal_progress set position = ?2 where position = ?1 returning 1";

const APPEND = `insert into workflow_run_seals (run_id, seq, hash, marks)
select j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3 from json_each(?1) j
where (select position from workflow_seal_progress) = ?2
  and exists (select 1 from workflow_runs r where r.run_id = j.value ->> 0)
on conflict do nothing`;

const LAST_ADMIN = "select position, hash from admin_event_seals order by position desc limit 1";

const PENDING_ADMIN = `select ${ADMIN_COLUMNS} from admin_events
where position > coalesce((select max(position) from admin_event_seals), 0) order by position limit ?`;

const APPEND_ADMIN = `insert into admin_event_seals (position, hash)
select j.value ->> 0, j.value ->> 1 from json_each(?1) j
where coalesce((select max(position) from admin_event_seals), 0) = ?2 returning 1`;

/** What the sealer asks: what is to be sealed, and to keep the seals. */
export function seals(db: Database, recent: RecentEvents): Seals {
  return {
    async pending(limit) {
      const { from, events } = (await textsInHand(db, recent, limit)) ?? (await textsInDatabase(db, limit));
      const runs = new Map<RunId, { readonly runId: RunId; hash: string; readonly events: SealedText[] }>();
      for (const event of events) {
        const { runId } = event;
        const run = runs.get(runId);
        if (run) run.events.push(event);
        else runs.set(runId, { runId, hash: chainStart(runId), events: [event] });
      }
      if (runs.size > 0)
        for (const [id, hash] of await select(db, LAST_SEALS, [JSON.stringify([...runs.keys()])])) {
          const run = runs.get(id as RunId);
          if (run) run.hash = String(hash);
        }
      return { from, to: events.at(-1)?.position ?? from, runs: [...runs.values()] };
    },
    async append({ from, to }, made) {
      const list = made.map(({ runId, seq, hash, marks }) => [runId, seq, hash, marks]);
      const [advanced = []] = await db.write([
        { sql: ADVANCE, args: [from, to] },
        { sql: APPEND, args: [JSON.stringify(list), to] },
      ]);
      return advanced.length > 0;
    },
    async pendingAdmin(limit) {
      const [last = [], rows = []] = await db.read([
        { sql: LAST_ADMIN, args: [] },
        { sql: PENDING_ADMIN, args: [limit] },
      ]);
      const [after, hash] = last[0] ?? [0, ADMIN_CHAIN_START];
      return { after: Number(after), hash: String(hash), events: rows.map(adminTextFrom) };
    },
    async appendAdmin(after, made) {
      const list = made.map(({ position, hash }) => [position, hash]);
      const [appended = []] = await db.write([{ sql: APPEND_ADMIN, args: [JSON.stringify(list), after] }]);
      return appended.length > 0;
    },
  };
}

/** What is to be sealed, oldest first, behind the global position `from`. */
type Pending = { readonly from: number; readonly events: readonly PlacedText[] };

/** What this process has just committed need not be read back; `null` when it begins with something else. */
async function textsInHand(db: Database, recent: RecentEvents, limit: number): Promise<Pending | null> {
  if (!recent.follow()) return null;
  const from = positionIn(await select(db, PROGRESS, []));
  const events = recent.textsSince(from, limit);
  return events && { from, events };
}

async function textsInDatabase(db: Database, limit: number): Promise<Pending> {
  const [progress = [], rows = []] = await db.read([
    { sql: PROGRESS, args: [] },
    { ...TEXTS, args: [limit] },
  ]);
  return { from: positionIn(progress), events: rows.map(textFrom) };
}

function positionIn([row]: readonly Cells[]): number {
  return Number(row?.[0] ?? 0);
}
