import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Database } from "../../../src/adapters/libsql/database.ts";
import { RemoteDriver } from "../../../src/adapters/libsql/remote-driver.ts";
import { createStore, type LibsqlStore } from "../../../src/adapters/libsql/store.ts";
import type { TaskMessage } from "../../../src/engine/ports/queue.ts";
import type { Log, Store } from "../../../src/engine/ports.ts";
import { AT, published } from "./given.ts";

export const migrationsDir = fileURLToPath(new URL("../../../migrations/", import.meta.url));

const silent: Log = { info() {}, warn() {}, error() {} };

export const HIDE_MS = 30_000;

/** A store under test, its clock, and what it handed over. */
export type Subject = {
  readonly store: Store;
  /** Milliseconds since 1970, as the store sees them. */
  readonly clock: { at: number };
  readonly sent: TaskMessage[];
  /** Another process on the same database, where that is possible. */
  readonly other: (() => Promise<Store>) | null;
};

/** Where a suite's stores live. */
export type Place = { open(): Promise<Subject>; close(): Promise<void> };

export async function openAt(url: string, clock = { at: AT }): Promise<LibsqlStore> {
  return createStore({
    url,
    migrationsDir,
    clock: { now: () => clock.at, random: () => 0.5 },
    log: silent,
    hideMs: HIDE_MS,
  });
}

async function subjectAt(url: string, other: boolean): Promise<Subject> {
  const clock = { at: AT };
  const store = await openAt(url, clock);
  const sent: TaskMessage[] = [];
  store.outbox.onDispatch((messages) => sent.push(...messages));
  await published(store);
  return { store, clock, sent, other: other ? () => openAt(url, clock) : null };
}

export function inMemory(): Place {
  return { open: () => subjectAt(":memory:", false), close: async () => {} };
}

export function inFiles(): Place {
  const folder = mkdtempSync(join(tmpdir(), "station-store-"));
  let files = 0;
  return {
    open: () => subjectAt(`file:${join(folder, `${++files}.db`)}`, false),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** One server for all tests of a suite, emptied before each. */
export function onServer(url: string): Place {
  return {
    open: async () => {
      const db = new RemoteDriver(url, undefined);
      await (await openAt(url)).close();
      await empty(db);
      await db.close();
      return subjectAt(url, true);
    },
    close: async () => {},
  };
}

/** Events and checkpoints never go: the test takes their guards away and puts them back. */
async function empty(db: Database): Promise<void> {
  const [guards = []] = await db.read([
    { sql: "select name, sql from sqlite_master where type = 'trigger'", args: [] },
  ]);
  const run = (sql: string) => ({ sql, args: [] });
  const workflow = ["runs", "definitions", "leases", "idempotency_keys", "cursors"].map(
    (table) => `workflow_${table}`,
  );
  const others = [
    "api_keys",
    "hooks",
    "workflow_archives",
    "ended_sessions",
    "vouched_identities",
    "notification_subscriptions",
    "schedules",
    "environment_bundles",
    "environment_installs",
    "removed_workflows",
    "admin_events",
    "admin_event_seals",
  ];
  await db.write([
    ...guards.map(([name]) => run(`drop trigger ${name}`)),
    ...[...workflow, ...others, "audit_heads", "audit_checkpoints"].map((table) =>
      run(`delete from ${table}`),
    ),
    ...guards.map(([, sql]) => run(String(sql))),
    run("update workflow_seal_progress set position = 0"),
  ]);
}
