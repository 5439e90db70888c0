import type { Finding } from "../../engine/ports/queries.ts";
import { type Database, select } from "./database.ts";
import { FileDriver } from "./file-driver.ts";
import { takesThree } from "./probe-connections.ts";
import { RemoteDriver } from "./remote-driver.ts";
import { HELD_BY_TOO_MANY, WAITING_FOR_SLOT } from "./slots.ts";

/** What cannot happen and cannot be mended by hand. */
const REPORT = "this is a defect of Station: keep a backup (stn backup) and report it";

/** Each counts what must not be there; `?1` is now. Says what follows or what to do. */
const CHECKS: readonly { readonly check: string; readonly broken: string; readonly sql: string }[] = [
  {
    check: "no run is stuck",
    broken: "running branches that nothing will wake; the reconciler does it within a minute",
    sql: `select count(*) from workflow_runs r join workflow_run_branches b on b.run_id = r.run_id
      left join workflow_run_steps s on s.run_id = b.run_id and s.branch = b.path and s.step_id = b.step_id
      where r.lifecycle = 'RUNNING' and b.closed_at is null and s.lease_owner is null
        and (s.waiting is null or s.waiting = 'signal' and exists (select 1 from workflow_signals g
          where g.run_id = s.run_id and g.name = s.waiting_for and g.consumed_by is null))
        and coalesce(s.status, '') <> 'WAITING_APPROVAL'
        and not exists (select 1 from workflow_outbox o where o.run_id = b.run_id and o.target = b.path)`,
  },
  {
    check: "no step waits for a run that is over",
    broken:
      "steps that nothing will wake though the run they called is over or was never started; the reconciler does it within a minute",
    sql: `select count(*) from workflow_runs r join workflow_run_steps s on s.run_id = r.run_id
      where r.lifecycle = 'RUNNING' and s.waiting = 'children' and s.called_run_id is not null
        and not exists (select 1 from workflow_runs c where c.run_id = s.called_run_id and c.finished_at is null)
        and not exists (select 1 from workflow_outbox o where o.run_id = s.run_id and o.target = s.branch)`,
  },
  {
    check: "no run waits for a slot that is free",
    broken: "runs that have not started and nothing will wake; the reconciler does it within a minute",
    sql: `select count(*) from workflow_runs r where r.status = 'PENDING'
        and not exists (select 1 from workflow_outbox o where o.run_id = r.run_id and o.target = '')
        and r.run_id not in (${WAITING_FOR_SLOT})`,
  },
  {
    check: "concurrency keys are held by no more runs than may",
    broken:
      "keys under which more runs go on than the greatest limit among them; no other begins until enough of them have ended",
    sql: `select count(*) from (${HELD_BY_TOO_MANY})`,
  },
  {
    check: "every running step has a living worker",
    broken: "steps whose worker is gone; others take them over within a minute",
    sql: `select count(*) from workflow_run_steps s where s.lease_owner is not null and not exists (
        select 1 from workflow_leases l where l.kind = 'process' and l.name = s.lease_owner and l.expires_at > ?1)`,
  },
  {
    check: "tasks are handed over in time",
    broken: "alarms more than a minute overdue; is a worker running?",
    sql: "select count(*) from workflow_outbox where due_at < ?1 - 60000",
  },
  {
    check: "finished runs have nothing open",
    broken: `finished runs with alarms or open approvals, of which nothing comes any more; ${REPORT}`,
    sql: `select count(*) from workflow_runs r where r.finished_at is not null and (
        exists (select 1 from workflow_outbox o where o.run_id = r.run_id) or exists (
          select 1 from workflow_approvals a where a.run_id = r.run_id and a.status = 'PENDING'))`,
  },
  {
    check: "waiting runs are counted right",
    broken: `runs whose open approvals are miscounted, so that they may show the wrong status; ${REPORT}`,
    sql: `select count(*) from workflow_runs r where r.lifecycle = 'RUNNING' and r.open_approvals <> (
        select count(*) from workflow_approvals a where a.run_id = r.run_id and a.status = 'PENDING')`,
  },
  {
    check: "the audit trail has no gaps",
    broken:
      "runs with missing events, among the thousand newest; stn audit verify names them, an earlier backup has them",
    sql: `select count(*) from (select run_id from workflow_runs order by created_at desc limit 1000) r
      where (select max(seq) - count(*) from workflow_run_events e where e.run_id = r.run_id) <> 0`,
  },
  {
    check: "the audit trail is sealed",
    broken: "events older than a minute without a seal; does a worker run the sealer?",
    sql: `select count(*) from (select at from workflow_run_events
      where position > (select position from workflow_seal_progress) limit 100000) where at < ?1 - 60000`,
  },
  {
    check: "notifications arrive",
    broken: "notifications given up within a week; stn notifications deliveries --status dead tells why",
    sql: `select count(*) from notification_deliveries where status = 'DEAD' and settled_at > ?1 - 604800000`,
  },
  {
    check: "checkpoints vouch for the audit trail",
    broken: "events older than twenty minutes in no checkpoint; does a process with STATION_AUDIT_KEY run?",
    sql: `select count(*) from (select at from workflow_run_events
      where position > coalesce((select body ->> 'position' from audit_checkpoints order by number desc limit 1), 0)
      limit 100000) where at < ?1 - 1200000`,
  },
  {
    check: "archived runs have left the database",
    broken:
      "archives that are not finished after ten minutes; the worker's log says why (retention cannot work)",
    sql: "select count(*) from workflow_archives where status <> 'done' and created_at < ?1 - 600000",
  },
  {
    check: "runs that were brought back are whole",
    broken: "runs that are partly here and partly in an archive; bring them back again (stn archive restore)",
    sql: `select count(*) from workflow_archived_runs a join workflow_runs r on r.run_id = a.run_id
      where a.removed_at is not null`,
  },
];

const SIGNER = "select signature ->> 'keyId' from audit_checkpoints order by number desc limit 1";

/** More than workers' leases can bear. */
const MOST_SKEW_MS = 500;

/** What the database itself can tell about whether all is well. */
export async function examine(db: Database, now: number): Promise<readonly Finding[]> {
  return [
    await examineIntegrity(db),
    ...(await examineClock(db)),
    ...(await examineConnections(db)),
    ...(await examineRows(db, now)),
  ];
}

async function examineIntegrity(db: Database): Promise<Finding> {
  const check = "the database is whole";
  const found = (await select(db, "pragma quick_check(5)", [])).map(([text]) => String(text));
  if (found.join() === "ok") return { check, ok: true, detail: "every page was read" };
  return {
    check,
    ok: false,
    detail: `${found.join("; ")}; restore the newest backup that is whole (stn restore)`,
  };
}

/** A file has no clock but this machine's. */
async function examineClock(db: Database): Promise<readonly Finding[]> {
  if (db instanceof FileDriver) return [];
  const before = Date.now();
  const [row] = await select(db, "select cast(unixepoch('subsec') * 1000 as integer)", []);
  const after = Date.now();
  const there = Number(row?.[0]);
  // What the way takes may be on either side.
  const skew = Math.max(0, before - there, there - after);
  const detail = `${skew} ms beside the database server's`;
  return [
    {
      check: "this machine's clock is right",
      ok: skew <= MOST_SKEW_MS,
      detail:
        skew <= MOST_SKEW_MS
          ? detail
          : `${detail}: leases of workers and times of events go wrong; run NTP on both`,
    },
  ];
}

/** Of sqld alone: Turso answers for its own servers. */
async function examineConnections(db: Database): Promise<readonly Finding[]> {
  if (!(db instanceof RemoteDriver) || /\.turso\.io(?::\d+)?(?:[/?]|$)/.test(db.address.url)) return [];
  const ok = !(await takesThree(db.address));
  const detail = ok
    ? "a third one has to wait"
    : "it let a third one in: when many write at once sqld hangs, and no write returns until it is started anew; start it with --max-concurrent-connections 2 (SQLD_MAX_CONCURRENT_CONNECTIONS=2)";
  return [{ check: "the database server takes two connections at once", ok, detail }];
}

async function examineRows(db: Database, now: number): Promise<readonly Finding[]> {
  const [signers = [], ...answers] = await db.read([
    { sql: SIGNER, args: [] },
    ...CHECKS.map(({ sql }) => ({ sql, args: sql.includes("?1") ? [now] : [] })),
  ]);
  const key = signers[0]?.[0] ?? null;
  const signed =
    key === null
      ? "not signed: whoever can write to the database can rewrite them; set STATION_AUDIT_KEY"
      : `signed by ${key}`;
  const findings = CHECKS.map(({ check, broken }, index) => {
    const count = Number(answers[index]?.[0]?.[0] ?? 0);
    return { check, ok: count === 0, detail: count === 0 ? "none found" : `${count} ${broken}` };
  });
  return [...findings, { check: "checkpoints are signed", ok: true, detail: signed }];
}
