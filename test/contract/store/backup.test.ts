import { spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkBackup } from "../../../src/adapters/libsql/check-backup.ts";
import { copyServer } from "../../../src/adapters/libsql/copy-server.ts";
import { restoreFile, restoreServer } from "../../../src/adapters/libsql/restore.ts";
import type { RunId } from "../../../src/core/run/ids.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { obtainSqld } from "../../support/server-binaries.ts";
import { mustSkip, type SqldServer, startSqld } from "../../support/servers.ts";
import { committed, published, recorded, startedRun, transition } from "./given.ts";
import { migrationsDir, openAt } from "./subject.ts";

const program = await obtainSqld();
const NEVER = new AbortController().signal;
const writer = fileURLToPath(new URL("./file-writer.ts", import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "station-backup-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, "station.db");
const backup = () => join(folder, "backup.db");
const check = (path = backup()) => checkBackup(path, migrationsDir);

/** Commits as fast as it can until it is stopped; answers how many events were kept then. */
function writing(store: Store, runId: string) {
  let stopped = false;
  let events = 2;
  let slowestMs = 0;
  const done = (async () => {
    while (!stopped) {
      const payload = `${events}${"x".repeat(40_000)}`;
      const note = recorded({ type: "signal.received", signalId: "s", name: "go", payload });
      const began = performance.now();
      events = await committed(store, transition(runId, { events: [note, note] }));
      slowestMs = Math.max(slowestMs, performance.now() - began);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    events: () => events,
    slowestMs: () => slowestMs,
    stop: async () => {
      stopped = true;
      await done;
      return events;
    },
  };
}

async function untilEvents(load: ReturnType<typeof writing>, count: number): Promise<void> {
  while (load.events() < count) await new Promise((resolve) => setImmediate(resolve));
}

async function download(store: Store): Promise<void> {
  const snapshot = await store.backups.snapshot(NEVER);
  if (!snapshot) throw new Error("there is no file");
  await pipeline(Readable.from(snapshot.stream), createWriteStream(backup()));
  expect(statSync(backup()).size).toBe(snapshot.bytes);
}

describe("a file", () => {
  test("is copied whole while it is written to, and the writer does not wait for the copy", async () => {
    const store = await openAt(`file:${file()}`);
    await published(store);
    await startedRun(store, "run_a");
    const load = writing(store, "run_a");
    await untilEvents(load, 800);
    const before = load.events();
    await download(store);
    const after = await load.stop();
    const summary = await check();
    expect(summary).toMatchObject({ runs: 1, openRuns: 1, problems: [] });
    expect(summary.events).toBeGreaterThanOrEqual(before);
    expect(summary.events).toBeLessThanOrEqual(after);
    expect(load.slowestMs()).toBeLessThan(1000);
    await store.close();
    expect(readdirSync(folder).sort()).toEqual(["backup.db", "station.db"]);
  });

  test("is still its owner's alone after it was copied", async () => {
    const store = await openAt(`file:${file()}`);
    await download(store);
    const second = spawnSync(process.execPath, [writer, `file:${file()}`], { encoding: "utf8" });
    expect(second.stderr).toContain("one process owns a file");
    await store.close();
  });

  test("that is closed in the middle of a copy leaves nothing of the copy", async () => {
    const store = await openAt(`file:${file()}`);
    await published(store);
    await startedRun(store, "run_a");
    const load = writing(store, "run_a");
    await untilEvents(load, 400);
    await load.stop();
    const snapshot = store.backups.snapshot(NEVER).catch((error: unknown) => String(error));
    await store.close();
    expect(await snapshot).toContain("is being closed");
    expect(readdirSync(folder)).toEqual(["station.db"]);
    expect((await check(file())).problems).toEqual([]);
  });

  test("whose last bytes are missing, or that is none of ours, is no backup", async () => {
    const store = await openAt(`file:${file()}`);
    await published(store);
    await startedRun(store, "run_a");
    await download(store);
    await store.close();
    truncateSync(backup(), statSync(backup()).size - 8192);
    expect((await check()).problems).not.toEqual([]);
    expect((await check(join(folder, "nothing.db"))).problems).toEqual(["the file is empty or not there"]);
    expect((await check(writer)).problems.join()).toContain("not a database");
  });

  test("takes the place of another one, which is kept beside it, and of none that somebody has open", async () => {
    const store = await openAt(`file:${file()}`);
    await published(store);
    await startedRun(store, "run_a");
    await download(store);
    await startedRun(store, "run_late");
    const restore = () => restoreFile(backup(), file(), async () => {}, "then");
    await expect(restore()).rejects.toThrow("one process owns a file");
    await store.close();
    expect(await restore()).toBe(`${file()}.before-then`);
    const back = await openAt(`file:${file()}`);
    expect(await back.queries.status("run_a" as RunId)).toBe("RUNNING");
    expect(await back.queries.status("run_late" as RunId)).toBeNull();
    await back.close();
    const replaced = await openAt(`file:${file()}.before-then`);
    expect(await replaced.queries.status("run_late" as RunId)).toBe("RUNNING");
    await replaced.close();
  });

  test("is as it was when what is put in its place cannot be made ready", async () => {
    const store = await openAt(`file:${file()}`);
    await published(store);
    await startedRun(store, "run_a");
    await download(store);
    await startedRun(store, "run_late");
    await store.close();
    const failing = restoreFile(backup(), file(), () => Promise.reject(new Error("power cut")), "then");
    await expect(failing).rejects.toThrow("power cut");
    const back = await openAt(`file:${file()}`);
    expect(await back.queries.status("run_late" as RunId)).toBe("RUNNING");
    await back.close();
  });
});

describe.skipIf(mustSkip("backups of sqld", program))("a server's database", () => {
  let server: SqldServer;
  beforeAll(async () => {
    server = await startSqld({ program });
  }, 60_000);
  afterAll(() => server?.remove());

  test("is copied whole while it is written to, fills an empty server, and none that is not", async () => {
    const store = await openAt(server.url);
    await published(store, "user:it's\n\\n\u{1f6a6}");
    await startedRun(store, "run_a");
    // More than a server takes in one message, or gives in one answer.
    const large = recorded({
      type: "signal.received",
      signalId: "l",
      name: "go",
      payload: "l".repeat(250_000),
    });
    for (let i = 0; i < 7; i++)
      await committed(store, transition("run_a", { events: Array.from({ length: 10 }, () => large) }));
    const load = writing(store, "run_a");
    await untilEvents(load, 370);
    const before = load.events();
    await copyServer({ url: server.url.replace("http", "ws") }, backup());
    await load.stop();
    const summary = await check();
    expect(summary).toMatchObject({ runs: 1, openRuns: 1, problems: [] });
    expect(summary.events).toBeGreaterThanOrEqual(before);
    await expect(restoreServer(backup(), { url: server.url })).rejects.toThrow("is not empty");

    const other = await startSqld({ program });
    await restoreServer(backup(), { url: other.url.replace("http", "ws") });
    const again = join(folder, "again.db");
    await copyServer({ url: other.url }, again);
    expect(await check(again)).toEqual({ ...summary, bytes: expect.any(Number) });
    const restored = await openAt(other.url);
    expect(await everythingOf(restored)).toEqual(await everythingOf(store));
    await Promise.all([store.close(), restored.close()]);
    await other.remove();
  });
});

async function everythingOf(store: Store) {
  const run = await store.queries.run("run_a" as RunId, 0);
  return {
    run: { ...run, seq: 0 },
    events: (await store.queries.events("run_a" as RunId, 0, 50)).map(({ hash: _, ...event }) => event),
    workflow: await store.workflows.get("default", "triage"),
    migrations: await store.workflows.mark(),
  };
}
