import { type Database, select } from "../../src/adapters/libsql/database.ts";
import { openFile } from "../../src/adapters/libsql/open-file.ts";
import { openTrail } from "../../src/adapters/libsql/open-trail.ts";
import { RemoteDriver } from "../../src/adapters/libsql/remote-driver.ts";
import { createStore } from "../../src/adapters/libsql/store.ts";
import type { Finding } from "../../src/engine/ports/queries.ts";
import type { Log } from "../../src/engine/ports.ts";
import { verifyTrail } from "../../src/engine/verify-trail.ts";
import { systemClock } from "../../src/main/clock.ts";
import { migrationsDir } from "../../src/main/places.ts";
import type { Violation } from "./check-run.ts";

/** Runs that had not ended when another started, by the positions of their events: with it more than may go on at once. */
const TOO_MANY_AT_ONCE = `select count(*) from workflow_runs r
join workflow_run_events s on s.run_id = r.run_id and s.type = 'run.started'
where r.concurrency_key is not null and r.concurrency_limit < (
  select count(*) from workflow_runs o
  join workflow_run_events b on b.run_id = o.run_id and b.type = 'run.started' and b.position <= s.position
  where o.environment = r.environment and o.workflow_id = r.workflow_id and o.concurrency_key = r.concurrency_key
    and not exists (select 1 from workflow_run_events e where e.run_id = o.run_id and e.position < s.position
      and e.type in ('run.completed', 'run.failed', 'run.cancelled', 'run.timed_out')))`;

/** Each counts what must not be there when every run has ended. */
const NOTHING_LEFT: Readonly<Record<string, string>> = {
  "alarms in the outbox": "select count(*) from workflow_outbox",
  "steps that are not over":
    "select count(*) from workflow_run_steps where status in ('PENDING', 'RUNNING', 'WAITING_APPROVAL')",
  "branches that are not closed": "select count(*) from workflow_run_branches where closed_at is null",
  "approvals that are open": "select count(*) from workflow_approvals where status = 'PENDING'",
  "runs that have not ended": "select count(*) from workflow_runs where finished_at is null",
  "starts beyond the limit of a concurrency key": TOO_MANY_AT_ONCE,
  "rows of a batch that is over": "select count(*) from workflow_accepted",
};

/** What the database itself shows once its processes are stopped: doctor, leftovers, and the audit trail from end to end. */
export async function checkDatabase(url: string, runIds: readonly string[]): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const { check, ok, detail } of await doctor(url))
    if (!ok) violations.push({ kind: "differs", runId: null, what: `doctor: ${check}: ${detail}` });
  const db = url.startsWith("file:") ? openFile(url.slice("file:".length)) : new RemoteDriver(url, undefined);
  try {
    for (const [what, sql] of Object.entries(NOTHING_LEFT)) {
      const count = await countOf(db, sql);
      if (count > 0) violations.push({ kind: "differs", runId: null, what, found: count, expected: 0 });
    }
    const stored = await countOf(db, "select count(*) from workflow_runs");
    if (stored !== runIds.length)
      violations.push({
        ...{ kind: stored < runIds.length ? "lost" : "twice", runId: null },
        ...{ what: "number of runs", found: stored, expected: runIds.length },
      });
  } finally {
    await db.close();
  }
  return [...violations, ...(await brokenTrail(url))];
}

async function brokenTrail(url: string): Promise<readonly Violation[]> {
  const trail = await openTrail(url);
  try {
    const { faults, unsealed } = await verifyTrail(trail, { keys: new Set(), anchored: new Map() });
    const broken = faults.map(({ kind, subject, message }): Violation => {
      const runId = kind === "run" ? subject : null;
      return { kind: "differs", runId, what: `audit trail: ${message}` };
    });
    if (unsealed === 0) return broken;
    return [
      ...broken,
      { kind: "differs", runId: null, what: "events that are not sealed", found: unsealed, expected: 0 },
    ];
  } finally {
    await trail.close();
  }
}

async function doctor(url: string): Promise<readonly Finding[]> {
  const store = await createStore({ url, migrationsDir, clock: systemClock, log: SILENT });
  try {
    return await store.queries.doctor(systemClock.now());
  } finally {
    await store.close();
  }
}

async function countOf(db: Database, sql: string): Promise<number> {
  const [row] = await select(db, sql, []);
  return Number(row?.[0] ?? 0);
}

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
