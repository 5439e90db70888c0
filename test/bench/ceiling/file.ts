import Libsql from "libsql";
import { AUDIT, type Change, eventsOf, type Ledger, SCHEMA, STEPS } from "./changes.ts";

type Statement = { run(args: readonly unknown[]): { readonly changes: number } };

/** Design I of the README: the native driver, one connection, every statement prepared once, FULL. */
export function openFile(path: string, owner: string): Ledger {
  const db = new Libsql(path);
  for (const sql of ["pragma journal_mode = wal", "pragma synchronous = full", ...SCHEMA]) db.exec(sql);
  const prepare = (sql: string) => db.prepare(sql) as unknown as Statement;
  const begin = prepare("begin immediate");
  const commit = prepare("commit");
  const insertRun = prepare("insert into runs values (?, 'RUNNING', 0, 1, ?, null)");
  const insertFirst = prepare(
    "insert into steps values (?, 0, 'PENDING', 0, null, null, null, null, null, null)",
  );
  const insertOutbox = prepare("insert into outbox values (?, 'run')");
  const deleteOutbox = prepare("delete from outbox where run_id = ?");
  const claim = prepare(`update steps set status = 'RUNNING', attempt = 1, lease_owner = ?, lease_until = ?,
    started_at = ? where run_id = ? and step = 0 and status = 'PENDING'`);
  const finish = prepare(`update steps set status = 'SUCCEEDED', finished_at = ?, output = ?
    where run_id = ? and step = ? and status = 'RUNNING' and lease_owner = ?`);
  const insertNext = prepare("insert into steps values (?, ?, 'RUNNING', 1, ?, ?, ?, null, null, null)");
  const moveRun = prepare("update runs set step = ?, version = version + 1 where run_id = ?");
  const endRun = prepare(
    "update runs set status = 'COMPLETED', version = version + 1, finished_at = ? where run_id = ?",
  );
  const insertEvent = prepare("insert into events values (?, ?, ?, ?, ?)");

  const apply = (change: Change, now: number): boolean => {
    const { runId } = change;
    if (change.kind === "start") {
      insertRun.run([runId, now]);
      insertFirst.run([runId]);
      insertEvent.run([runId, 1, now, "run.created", "{}"]);
      insertOutbox.run([runId]);
      return true;
    }
    if (change.kind === "claim") {
      if (claim.run([owner, now + 10_000, now, runId]).changes === 0) return false;
      deleteOutbox.run([runId]);
      return true;
    }
    const { step, output } = change;
    if (finish.run([now, output, runId, step, owner]).changes === 0) return false;
    if (step + 1 < STEPS) {
      insertNext.run([runId, step + 1, owner, now + 10_000, now]);
      moveRun.run([step + 1, runId]);
    } else endRun.run([now, runId]);
    for (const [index, [type, data]] of eventsOf(change).entries())
      insertEvent.run([runId, 2 + 3 * step + index, now, type, data]);
    return true;
  };

  return {
    write(changes) {
      const now = Date.now();
      begin.run([]);
      const held = changes.map((change) => apply(change, now));
      commit.run([]);
      return held;
    },
    audit() {
      const [ended, wrong] = db.prepare(AUDIT).raw(true).get([]) as [number, number];
      return Promise.resolve({ ended, wrong });
    },
    close: () => db.close(),
  };
}
