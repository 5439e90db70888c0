import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FileDriver } from "../../../src/adapters/libsql/file-driver.ts";
import { createStore } from "../../../src/adapters/libsql/store.ts";
import { createLocalQueue } from "../../../src/adapters/local-queue/queue.ts";
import { decodeTask } from "../../../src/adapters/nats/wire.ts";
import { ROOT, type RunId } from "../../../src/core/run/ids.ts";
import { RunTrace } from "../../../src/core/trace/run-trace.ts";
import { apply } from "../../../src/engine/apply.ts";
import { NewerData } from "../../../src/engine/errors.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { sealOnce } from "../../../src/engine/seal-events.ts";
import { by } from "../../support/people.ts";
import { AT, committed, published, recorded, startedRun, transition } from "./given.ts";
import { migrationsDir } from "./subject.ts";

// What an older program does with what a newer one has stored: it goes on where it can, and where it does not know what
// something means it decides nothing and gives the work back.

const RUN = "run_1" as RunId;
const clock = { now: () => AT, random: Math.random };
const log = { info() {}, warn() {}, error() {} };

let folder = "";
let store: Store;
const open = async () => {
  store = await createStore({ url: `file:${join(folder, "station.db")}`, migrationsDir, clock, log });
};
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "station-newer-"));
  await open();
  await published(store);
  await startedRun(store, RUN);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A newer program at work on the database. */
async function newer(...statements: readonly string[]): Promise<void> {
  await store.close();
  const db = new FileDriver(join(folder, "station.db"));
  db.exec("pragma ignore_check_constraints = on");
  for (const sql of statements) db.exec(sql);
  db.abandon();
  await open();
}

/** The run as it is stored, whatever that means. */
async function asStored(): Promise<unknown> {
  await store.close();
  const db = new FileDriver(join(folder, "station.db"));
  const rows = [
    "workflow_runs",
    "workflow_run_branches",
    "workflow_run_steps",
    "workflow_run_events",
    "workflow_outbox",
  ].map((table) => db.statement(`select * from ${table} order by 1, 2`).all([]));
  db.abandon();
  await open();
  return rows;
}

const advance = () =>
  apply(
    { store, clock, queue: createLocalQueue({ log }), expressions: {} as never, schemas: {} as never, log },
    RUN,
    ROOT,
    by("worker:w1", "worker"),
    () => ({
      type: "pause",
      reason: null,
    }),
  );

describe("a program that is older than what is stored", () => {
  test.each([
    [
      "a definition of a form it does not know",
      "update workflow_definition_versions set definition = json_set(definition, '$.form', 99)",
    ],
    [
      "a type of state it does not know",
      "update workflow_definition_versions set definition = json_set(definition, '$.states[0].type', 'teleport')",
    ],
    [
      "an action it does not know",
      "update workflow_definition_versions set definition = json_set(definition, '$.states[0].action', 'robot.move')",
    ],
    ["a run's status it does not know", "update workflow_runs set lifecycle = 'DREAMING'"],
    ["a step's status it does not know", "update workflow_run_steps set status = 'DREAMING'"],
  ])("decides nothing about %s, and gives the work back", async (_, sql) => {
    await newer(sql);
    const before = await asStored();
    await expect(store.runs.load(RUN, ROOT)).rejects.toThrow(NewerData);
    await expect(advance()).rejects.toThrow(NewerData);
    expect(await asStored()).toEqual(before);
  });

  test("leaves alone what is in columns and tables that it does not know", async () => {
    await newer(
      "alter table workflow_runs add column mood text not null default 'calm'",
      "alter table workflow_run_steps add column mood text",
      "create table moods (run_id text primary key references workflow_runs on delete cascade, mood text) strict",
      "update workflow_runs set mood = 'glad'",
      "update workflow_run_steps set mood = 'glad'",
      `insert into moods values ('${RUN}', 'glad')`,
    );
    expect(await advance()).toMatchObject({ status: "applied", changed: true });
    await startedRun(store, "run_2");
    await store.close();
    const db = new FileDriver(join(folder, "station.db"));
    const all = (sql: string) => db.statement(sql).all([]);
    expect(all("select run_id, lifecycle, mood from workflow_runs order by run_id")).toEqual([
      [RUN, "PAUSED", "glad"],
      ["run_2", "RUNNING", "calm"],
    ]);
    expect(all("select distinct run_id, mood from workflow_run_steps order by run_id")).toEqual([
      [RUN, "glad"],
      ["run_2", null],
    ]);
    expect(all("select * from moods")).toEqual([[RUN, "glad"]]);
    db.abandon();
    await open();
  });

  test("shows, seals and traces events of types that it does not know, and passes them over", async () => {
    const teleported = recorded({ type: "run.teleported", to: "Mars" } as never);
    const run = (await store.runs.load(RUN, ROOT))?.run;
    if (!run) expect.unreachable();
    await committed(
      store,
      transition(RUN, {
        expected: { epoch: run.epoch, branches: [] },
        run: { ...run, epoch: run.epoch + 1 },
        events: [teleported],
      }),
    );
    while ((await sealOnce({ store }, 1000)) > 0);
    const events = await store.queries.events(RUN, 0, 100);
    expect(events.at(-1)).toMatchObject({
      event: { type: "run.teleported", to: "Mars" },
      hash: expect.any(String),
    });
    const created = recorded({
      type: "run.created",
      runId: RUN,
      workflow: run.workflow,
      labels: {},
    } as never);
    expect(new RunTrace(created as never).take(teleported)).toEqual([]);
  });

  test("takes a task that says more than it understands, and leaves a kind it does not know to others", () => {
    const task = { runId: RUN, target: "", kind: "run", stepId: null, revision: 1, sends: 1 };
    const bytes = (value: object) => Buffer.from(JSON.stringify(value));
    expect(decodeTask(bytes({ ...task, mood: "glad" }), undefined)).toMatchObject(task);
    expect(decodeTask(bytes({ ...task, kind: "dream" }), undefined)).toBeNull();
  });
});
