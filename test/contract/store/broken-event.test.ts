import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FileDriver } from "../../../src/adapters/libsql/file-driver.ts";
import { createStore } from "../../../src/adapters/libsql/store.ts";
import { ROOT, type RunId } from "../../../src/core/run/ids.ts";
import type { Run } from "../../../src/core/run/run.ts";
import { AT, committed, published, recorded, startedRun, transition } from "./given.ts";
import { migrationsDir } from "./subject.ts";

const RUN = "run_1" as RunId;
const clock = { now: () => AT, random: Math.random };
const log = { info() {}, warn() {}, error() {} };

test("a run is told though somebody made no JSON of the event that completed it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "station-broken-"));
  const path = join(folder, "station.db");
  const open = () => createStore({ url: `file:${path}`, migrationsDir, clock, log });
  try {
    const store = await open();
    await published(store);
    await startedRun(store, RUN);
    const run = (await store.runs.load(RUN, ROOT))?.run as Run;
    const lifecycle = { status: "COMPLETED", at: AT, output: 1 } as const;
    await committed(
      store,
      transition(RUN, {
        expected: { epoch: 1, branches: [{ path: ROOT, version: 1 }] },
        run: { ...run, lifecycle, epoch: 2 },
        events: [recorded({ type: "run.completed", output: 1, warnings: ["x"] })],
      }),
    );
    await store.close();
    const db = new FileDriver(path);
    db.exec("pragma ignore_check_constraints = on");
    db.exec(`update workflow_run_events set data = '{"output":' where type = 'run.completed'`);
    db.abandon();
    const again = await open();
    expect(await again.queries.run(RUN, AT)).toMatchObject({ status: "COMPLETED", output: 1, warnings: [] });
    await again.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
