import type { RunId } from "../../core/run/ids.ts";
import { chainStart } from "../../core/run/seal.ts";
import type { Seals, UnsealedRun } from "../../engine/ports.ts";
import { type Database, select } from "./database.ts";
import { Cursor } from "./read-rows.ts";

const PENDING = `select position, run_id, seq, at, actor, type, data from workflow_run_events
where position > (select position from workflow_seal_progress) order by position limit ?`;

const LAST_HASHES = `select run_id, hash from workflow_run_seals s
where run_id in (select value from json_each(?))
  and seq = (select max(seq) from workflow_run_seals l where l.run_id = s.run_id)`;

const ADVANCE = "update workflow_seal_progress set position = ?2 where position = ?1 returning 1";

const APPEND = `insert into workflow_run_seals (run_id, seq, hash)
select j.value ->> 0, j.value ->> 1, j.value ->> 2 from json_each(?1) j
where (select position from workflow_seal_progress) = ?2
  and exists (select 1 from workflow_runs r where r.run_id = j.value ->> 0)
on conflict do nothing`;

/** The two calls of the sealer: what is to be sealed, and the seals. */
export function seals(db: Database): Seals {
  return {
    async pending(limit) {
      const [progress = [], rows = []] = await db.read([
        { sql: "select position from workflow_seal_progress", args: [] },
        { sql: PENDING, args: [limit] },
      ]);
      const from = Number(progress[0]?.[0] ?? 0);
      const runs = new Map<RunId, { hash: string; events: UnsealedRun["events"][number][] }>();
      for (const row of rows) {
        const cursor = new Cursor(row, 1);
        const runId = cursor.text() as RunId;
        const run = runs.get(runId) ?? { hash: chainStart(runId), events: [] };
        runs.set(runId, run);
        run.events.push({
          runId,
          seq: cursor.number(),
          at: cursor.number(),
          actor: cursor.text(),
          type: cursor.text(),
          data: cursor.text(),
        });
      }
      if (runs.size > 0)
        for (const [runId, hash] of await select(db, LAST_HASHES, [JSON.stringify([...runs.keys()])])) {
          const run = runs.get(runId as RunId);
          if (run) run.hash = String(hash);
        }
      const to = Number(rows.at(-1)?.[0] ?? from);
      return { from, to, runs: [...runs].map(([runId, run]) => ({ runId, ...run })) };
    },
    async append({ from, to }, hashes) {
      const list = hashes.map(({ runId, seq, hash }) => [runId, seq, hash]);
      const [advanced = []] = await db.write([
        { sql: ADVANCE, args: [from, to] },
        { sql: APPEND, args: [JSON.stringify(list), to] },
      ]);
      return advanced.length > 0;
    },
  };
}
