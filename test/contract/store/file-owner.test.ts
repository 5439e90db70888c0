import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Cells, select } from "../../../src/adapters/libsql/database.ts";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { ROOT, type RunId } from "../../../src/core/run/ids.ts";
import { committed, published, startedRun, transition } from "./given.ts";
import { openAt } from "./subject.ts";

const writer = fileURLToPath(new URL("./file-writer.ts", import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "station-file-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const url = () => `file:${join(folder, "station.db")}`;

/** A process that writes to the file until it is killed; `acknowledged` counts what it was told is kept. */
async function startWriter() {
  const child = spawn(process.execPath, [writer, url()], { stdio: ["ignore", "pipe", "inherit"] });
  const acknowledged = new Map<string, number>();
  let wake = () => {};
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [runId = "", seq = "0"] = line.split(" ");
    acknowledged.set(runId, Number(seq));
    wake();
  });
  return {
    pid: child.pid,
    acknowledged,
    until: async (enough: () => boolean) => {
      while (!enough()) await new Promise<void>((resolve) => (wake = resolve));
    },
    kill: async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

test("a second process on the same file is refused and told who has it", async () => {
  const first = await startWriter();
  await first.until(() => first.acknowledged.size > 0);
  await expect(openAt(url())).rejects.toThrow(
    new RegExp(`station\\.db is in use by process ${first.pid} on .* since .*; one process owns a file`),
  );
  await first.kill();
  const store = await openAt(url());
  await store.ping();
  await store.close();
});

test("the owner's file is free again after an orderly end", async () => {
  await (await openAt(url())).close();
  await (await openAt(url())).close();
});

test("a file that is no database is refused with its name", async () => {
  spawnSync("sh", ["-c", `printf '%5000s' nonsense > '${join(folder, "station.db")}'`]);
  await expect(openAt(url())).rejects.toThrow(/cannot open the database file .*station\.db/);
});

describe("after kill -9 in the middle of writing", () => {
  test("everything that was acknowledged is there, and nothing by halves", async () => {
    for (let round = 0; round < 3; round++) {
      const process = await startWriter();
      const enough = 40 * (round + 1);
      await process.until(() => [...process.acknowledged.values()].reduce((a, b) => a + b, 0) > enough);
      await process.kill();

      const store = await openAt(url());
      for (const [runId, lastSeq] of process.acknowledged) {
        const events = await store.queries.events(runId as RunId, 0, 100_000);
        expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
        expect(events.length).toBeGreaterThanOrEqual(lastSeq);
        // Each of its decisions moves the branch by one and writes two events.
        const branch = (await store.runs.load(runId as RunId, ROOT))?.run.branches[ROOT];
        expect(branch?.version).toBe(1 + (events.length - 2) / 2);
      }
      await store.close();
      const db = openFile(join(folder, "station.db"));
      const checks: readonly Cells[] = await select(db, "pragma integrity_check", []);
      expect(checks).toEqual([["ok"]]);
      await db.close();
    }
  }, 60_000);
});

test("the write-ahead log stays bounded while much is written", async () => {
  const store = await openAt(url());
  await published(store);
  await startedRun(store, "run_a");
  const payload = { text: "x".repeat(200_000) };
  for (let i = 0; i < 150; i++) {
    const event = { type: "signal.received", signalId: `s${i}`, name: "go", payload } as const;
    await committed(store, transition("run_a", { events: [{ at: 1, actor: "a", channel: "api", event }] }));
  }
  expect(statSync(`${join(folder, "station.db")}-wal`).size).toBeLessThan(40 * 1024 * 1024);
  await store.close();
});
