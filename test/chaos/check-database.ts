import { type Database, select } from "../../src/adapters/libsql/database.ts";
import { openFile } from "../../src/adapters/libsql/open-file.ts";
import { RemoteDriver } from "../../src/adapters/libsql/remote-driver.ts";
import { createStore } from "../../src/adapters/libsql/store.ts";
import { CHAIN_FORMAT, chainHash, chainStart } from "../../src/core/audit/chain.ts";
import type { Finding, Log } from "../../src/engine/ports.ts";
import { systemClock } from "../../src/main/clock.ts";
import { migrationsDir } from "../../src/main/places.ts";
import type { Violation } from "./check-run.ts";

/** Each counts what must not be there when every run has ended. */
const NOTHING_LEFT: Readonly<Record<string, string>> = {
  "alarms in the outbox": "select count(*) from workflow_outbox",
  "steps that are not over":
    "select count(*) from workflow_run_steps where status in ('PENDING', 'RUNNING', 'WAITING_APPROVAL')",
  "branches that are not closed": "select count(*) from workflow_run_branches where closed_at is null",
  "approvals that are open": "select count(*) from workflow_approvals where status = 'PENDING'",
  "runs that have not ended": "select count(*) from workflow_runs where finished_at is null",
  "rows of a batch that is over": "select count(*) from workflow_accepted",
};

const EVENTS = `select seq, type, at, actor, data, spilled from workflow_run_events where run_id = ? order by seq`;
const SEALS = "select seq, hash from workflow_run_seals where run_id = ? order by seq";

/** What the database itself shows once its processes are stopped: doctor, leftovers, and the hash chain anew. */
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
    for (const runId of runIds) {
      const fault = await brokenChain(db, runId);
      if (fault !== null) violations.push({ kind: "differs", runId, what: fault });
    }
  } finally {
    await db.close();
  }
  return violations;
}

async function doctor(url: string): Promise<readonly Finding[]> {
  const store = await createStore({ url, migrationsDir, clock: systemClock, log: SILENT });
  try {
    return await store.queries.doctor(systemClock.now());
  } finally {
    await store.close();
  }
}

async function brokenChain(db: Database, runId: string): Promise<string | null> {
  const hashes = new Map<number, string>();
  let hash = chainStart(runId);
  for (const [seq, type, at, actor, data, spilled] of await select(db, EVENTS, [runId])) {
    const text = { type: String(type), at: Number(at), actor: String(actor), data: String(data) };
    const kept = { runId, seq: Number(seq), ...text, spilled: spilled === null ? null : String(spilled) };
    hash = chainHash(hash, kept, CHAIN_FORMAT);
    hashes.set(Number(seq), hash);
  }
  const seals = await select(db, SEALS, [runId]);
  const wrong = seals.find(([seq, sealed]) => hashes.get(Number(seq)) !== sealed);
  if (wrong) return `the seal of event ${wrong[0]} is not the hash of the events before it`;
  const last = Number(seals.at(-1)?.[0] ?? 0);
  return last === hashes.size ? null : `events ${last + 1} to ${hashes.size} are not sealed`;
}

async function countOf(db: Database, sql: string): Promise<number> {
  const [row] = await select(db, sql, []);
  return Number(row?.[0] ?? 0);
}

const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };
