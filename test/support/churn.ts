import { existsSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archiveFiles } from "../../src/adapters/archive-files/archive-files.ts";
import { openFile } from "../../src/adapters/libsql/open-file.ts";
import { createStore } from "../../src/adapters/libsql/store.ts";
import { parseRetention } from "../../src/core/retention/policy.ts";
import { ROOT } from "../../src/core/run/ids.ts";
import type { Run } from "../../src/core/run/run.ts";
import { checkpointOnce } from "../../src/engine/checkpoint.ts";
import type { Store } from "../../src/engine/ports.ts";
import { archiveOnce } from "../../src/engine/retention.ts";
import { sealOnce } from "../../src/engine/seal-events.ts";
import {
  AT,
  branch,
  creating,
  published,
  recorded,
  step,
  succeeded,
  transition,
} from "../contract/store/given.ts";

/** What was found after steps had come and gone. */
export type Churned = {
  readonly steps: number;
  readonly seconds: number;
  /** The database file, and what a file with nothing but its rows would take. */
  readonly fileBytes: number;
  readonly liveBytes: number;
  /** The largest the write-ahead log has been. */
  readonly walBytes: number;
  readonly archivedRuns: number;
  /** The longest that a commit took while runs were removed, in milliseconds. */
  readonly slowestCommitMs: number;
};

const DAY = 86_400_000;
const STEPS_PER_RUN = 10;
const ROUNDS = 10;

/**
 * Runs come, end, and leave for archives a day later, in ten days of equal length; a file of its own, through the store
 * itself. While they leave, another run is committed to all the time.
 */
export async function churn(
  steps: number,
  migrationsDir: string,
  onRound: (text: string) => void = () => {},
): Promise<Churned> {
  const folder = await mkdtemp(join(tmpdir(), "station-churn-"));
  const file = join(folder, "station.db");
  const clock = { at: AT, now: () => clock.at, random: () => Math.random() };
  const log = { info() {}, warn() {}, error() {} };
  const began = performance.now();
  let wal = 0;
  let archived = 0;
  let slowest = 0;
  const measure = () => {
    if (existsSync(`${file}-wal`)) wal = Math.max(wal, statSync(`${file}-wal`).size);
  };
  const store = await createStore({ url: `file:${file}`, migrationsDir, clock, log });
  const ports = { store, clock, log, archiveFiles: archiveFiles(join(folder, "archive")) };
  const parsed = parseRetention("1d");
  const retention = { rules: parsed.ok ? parsed.rules : [], holdLabel: "hold" };
  const signal = new AbortController().signal;
  try {
    await published(store);
    await store.runs.commit(creating("run_open"));
    for (let round = 1; round <= ROUNDS; round++) {
      const runs = Math.ceil(steps / STEPS_PER_RUN / ROUNDS);
      for (let from = 0; from < runs; from += 64) {
        const some = Array.from({ length: Math.min(64, runs - from) }, (_, i) => `run_${round}_${from + i}`);
        await Promise.all(some.map((runId) => finish(store, runId, clock.at)));
        measure();
      }
      while ((await sealOnce(ports, 2000)) > 0) measure();
      while ((await checkpointOnce(ports, null, 10_000)) !== "nothing") measure();
      clock.at += DAY;
      let leaving = true;
      const others = (async () => {
        while (leaving) {
          const before = performance.now();
          await store.runs.commit(
            transition("run_open", {
              expected: { epoch: 0, branches: [] },
              events: [recorded({ type: "run.resumed" })],
            }),
          );
          slowest = Math.max(slowest, performance.now() - before);
          measure();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      })();
      // The newest day stays: the file always has something to hold.
      if (round < ROUNDS)
        for (let gone = -1; gone !== 0; archived += gone)
          gone = await archiveOnce(ports, retention, { runs: 500, events: 20_000 }, signal);
      await store.archives.reclaim(signal);
      leaving = false;
      await others;
      onRound(
        `day ${round}: ${archived} runs archived, file ${statSync(file).size}, log at most ${wal} bytes`,
      );
    }
    await store.close();
    const fileBytes = statSync(file).size;
    const db = openFile(file);
    db.exec(`vacuum into '${file}.live'`);
    await db.close();
    return {
      steps,
      seconds: (performance.now() - began) / 1000,
      fileBytes,
      liveBytes: statSync(`${file}.live`).size,
      walBytes: wal,
      archivedRuns: archived,
      slowestCommitMs: slowest,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A run with its steps, as one decision: what it leaves is what counts here. */
async function finish(store: Store, runId: string, at: number): Promise<void> {
  const created = creating(runId);
  const run = { ...(created.run as Run), createdAt: at };
  await store.runs.commit({ ...created, run });
  const output = { found: "x".repeat(400), runId };
  const done = Array.from({ length: STEPS_PER_RUN }, (_, i) =>
    step(runId, ROOT, "check", { visit: i + 1, finishedAt: at, progress: succeeded(output) }),
  );
  const result = await store.runs.commit(
    transition(runId, {
      expected: { epoch: 0, branches: [] },
      run: { ...run, lifecycle: { status: "COMPLETED", at, output }, epoch: 1, startedAt: at },
      branches: [
        branch(ROOT, {
          version: 2,
          position: { at: "closed", closedAt: at, outcome: { status: "SUCCEEDED" } } as never,
        }),
      ],
      steps: done,
      alarms: [{ change: "clear", target: ROOT, seen: 1 }],
      events: done.flatMap(({ id }) => [
        recorded({ type: "step.started", stepId: id, payload: output } as never, at),
        recorded({ type: "step.succeeded", stepId: id, output } as never, at),
      ]),
    }),
  );
  if (result.status !== "committed") throw new Error(`${runId} was ${result.status}`);
}
