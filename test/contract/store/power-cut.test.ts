import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDefinition } from "../../../src/adapters/files/definition.ts";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { createStore } from "../../../src/adapters/libsql/store.ts";
import type { Definition } from "../../../src/core/definition/types.ts";
import { begin, fold } from "../../../src/core/run/evolve.ts";
import type { RunId } from "../../../src/core/run/ids.ts";
import type { Log, Store } from "../../../src/engine/ports.ts";
import { systemClock } from "../../../src/main/clock.ts";
import { checkDatabase } from "../../chaos/check-database.ts";
import { createWorld, eventually, type World } from "../../integration/http/world.ts";
import { compare } from "../../simulation/check-run.ts";
import { migrationsDir } from "./subject.ts";
import { FRAME_BYTES, framesOf, HEADER_BYTES, PAGE_BYTES, pageOf, type Wal, walOf } from "./wal.ts";

// The power goes at every moment of a load: the write-ahead log ends at any frame of it, or within one.

const BUSY = `id: busy
version: "1"
name: Busy
states:
  - name: prepare
    type: inject
    data: { items: [1, 2] }
    next: both
  - name: both
    type: parallel
    branches:
      - name: left
        states: [{ name: say, type: agent, agent: echo, input: { variables: { text: left } }, end: true }]
      - name: right
        states: [{ name: tell, type: agent, agent: echo, input: { variables: { text: right } }, end: true }]
    next: ask
  - name: ask
    type: operation
    action: human.approval
    input: { message: "May it happen?", approvers: ["user:ana"], excludeStarter: false }
    next: done
  - name: done
    type: inject
    data: { ok: true }
    end: true
`;
/** Runs before the snapshot, beside it, and after it one by one. */
const [BEFORE, TOGETHER, ALONE] = [3, 4, 2];

/** A commit whose caller was told: from then on this run has these events, whatever happens. */
type Acknowledged = { readonly frames: number; readonly runId: RunId; readonly lastSeq: number };

const acknowledged: Acknowledged[] = [];
const silent: Log = { info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), "station-power-cut-"));
const live = join(folder, "live.db");
/** Where what is left is opened: in memory if possible, for it has been on a disk already. */
const memory = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "station-power-cut-"));
let cut = "";
let cuts = 0;
let definition: Definition;
/** The file as the last checkpoint left it. */
let base: Buffer;
/** What has been committed since, whole. */
let log: Wal;
/** Where a transaction ends, as numbers of frames. */
let ends: readonly number[];
let at = 0;

beforeAll(async () => {
  const read = readDefinition({ text: BUSY, format: "yaml", file: "busy" });
  if (!read.definition) throw new Error("the workflow is wrong");
  definition = read.definition;
  await loaded();
  at = Date.now();
});
afterAll(() => {
  for (const one of [folder, memory]) rmSync(one, { recursive: true, force: true });
});

const open = (path: string) =>
  createStore({ url: `file:${path}`, migrationsDir, clock: systemClock, log: silent });

/** Runs from start to end and some that wait, with a snapshot in between; keeps file and log as they were then. */
async function loaded(): Promise<void> {
  const world = await createWorld({ works: true, url: `file:${live}`, around: noting });
  await world.client.createWorkflow({ body: { definition: BUSY } });
  await busy(world, BEFORE);
  const load = busy(world, TOGETHER);
  const snapshot = await world.ports.store.backups.snapshot(AbortSignal.timeout(10_000));
  await snapshot?.stream.cancel();
  await load;
  for (let i = 0; i < ALONE; i++) await busy(world, 1);
  base = readFileSync(live);
  log = walOf(readFileSync(`${live}-wal`));
  ends = log.frames.flatMap(({ isCommit }, index) => (isCommit ? [index + 1] : []));
  await world.close();
}

/** Starts runs, some at a time; two of three are approved, the others go on waiting. */
async function busy({ client }: World, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const { runId } = await client.startRun({ body: { workflowId: "busy" } });
      const { approvalId } = await eventually(async () => {
        const { items } = await client.listRunApprovals({ params: { runId } });
        return items[0];
      });
      if (index % 3 === 2) return;
      await client.approve({ params: { approvalId }, body: {} });
      await eventually(async () => (await client.getRun({ params: { runId } })).status === "COMPLETED");
    }),
  );
}

/** The store, which notes what it has told its callers, and how long the log was then. */
function noting(store: Store): Store {
  return {
    ...store,
    runs: {
      ...store.runs,
      commit: async (transition, once) => {
        const result = await store.runs.commit(transition, once);
        const bytes = statSync(`${live}-wal`).size;
        if (result.status === "committed")
          acknowledged.push({
            frames: framesOf(bytes),
            runId: transition.runId,
            lastSeq: result.lastSeq,
          });
        return result;
      },
    },
  };
}

/** Puts a file and a log where nothing was before. */
function leave(file: Buffer, bytes: Uint8Array): void {
  for (const name of [cut, `${cut}-wal`, `${cut}.owner`]) rmSync(name, { force: true });
  cut = join(memory, `cut-${++cuts}.db`);
  writeFileSync(cut, file);
  writeFileSync(`${cut}-wal`, bytes);
}

/** Everything in all tables, as one number, of a database that is whole. */
function contents(): string {
  const db = openFile(cut);
  try {
    db.exec("pragma synchronous = off"); // nothing is kept of this one
    expect(db.statement("pragma integrity_check").all([])).toEqual([["ok"]]);
    const hash = createHash("sha256");
    const tables = db.statement("select name from sqlite_master where type = 'table' order by name").all([]);
    for (const [name] of tables) hash.update(JSON.stringify(db.statement(`select * from "${name}"`).all([])));
    return hash.digest("hex");
  } finally {
    db.abandon();
  }
}

/** What Station itself finds in it: rows follow from events, and nothing is missing of what was acknowledged by then. */
async function isWhole(frames: number): Promise<void> {
  const store = await open(cut);
  try {
    const runs = await store.queries.runs({}, { limit: 200 });
    for (const { runId } of runs) {
      const events = await store.queries.events(runId, 0, 100_000);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      const [first, ...rest] = events;
      if (first?.event.type !== "run.created") throw new Error(`${runId} begins with ${first?.event.type}`);
      const run = fold(begin(definition, { ...first, event: first.event }), rest);
      await compare({ store, now: at }, run);
    }
    const last = new Map<string, number>();
    for (const one of acknowledged)
      if (one.frames <= frames) last.set(one.runId, Math.max(one.lastSeq, last.get(one.runId) ?? 0));
    for (const [runId, seq] of last)
      expect((await store.queries.events(runId as RunId, seq - 1, 1)).map((event) => event.seq)).toEqual([
        seq,
      ]);
    expect((await store.queries.doctor(at)).filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    await store.close();
  }
}

/** What may have come of the frames behind the last one that is whole, beside nothing at all. */
const DAMAGES: readonly ((log: Buffer, from: number) => void)[] = [
  // The file had grown already, and nothing was written.
  (log, from) => log.fill(0, from),
  // Half a frame was written.
  (log, from) => log.fill(0, from + FRAME_BYTES / 2),
  // Later frames were written before this one.
  (log, from) => log.fill(0, from, from + FRAME_BYTES),
  // A sector has something else in it.
  (log, from) => log.fill(0xa5, from + 600, from + 1112),
];

describe("when the power goes", () => {
  test("the load was one: many transactions of many pages since the last checkpoint", () => {
    expect(ends.length).toBeGreaterThan(15);
    expect(log.frames.length).toBeGreaterThan(150);
    expect(ends.at(-1)).toBe(log.frames.length);
    expect(acknowledged.filter(({ frames }) => frames > 0).length).toBeGreaterThan(30);
  });

  test("after any transaction, rows follow from events and nothing acknowledged is missing", async () => {
    for (const end of [0, ...ends]) {
      leave(base, log.upTo(end));
      await isWhole(end);
    }
  });

  test("at or within any frame, whatever is behind it, the state is that of the last whole transaction", () => {
    const whole = new Map<number, string>();
    for (let frame = 0; frame <= log.frames.length; frame++) {
      const end = [0, ...ends].findLast((one) => one <= frame) ?? 0;
      leave(base, log.upTo(frame));
      const state = contents();
      if (frame === end) whole.set(end, state);
      expect(state, `cut after frame ${frame}`).toBe(whole.get(end));
      if (frame === log.frames.length || frame % 4 !== 0) continue;
      const damaged = Buffer.from(log.bytes);
      DAMAGES[(frame / 4) % DAMAGES.length]?.(damaged, HEADER_BYTES + frame * FRAME_BYTES);
      leave(base, damaged);
      expect(contents(), `damaged in frame ${frame + 1}`).toBe(whole.get(end));
    }
    expect(new Set(whole.values()).size).toBe(ends.length + 1);
  });

  test("in the middle of a checkpoint, at or within any page of it, nothing is lost", () => {
    leave(base, log.bytes);
    const whole = contents();
    const newest = new Map(log.frames.map(({ page }, frame) => [page, frame]));
    const file = Buffer.concat([base, Buffer.alloc(log.pages * PAGE_BYTES - base.length)]);
    for (const [page, frame] of [...newest].sort(([a], [b]) => a - b)) {
      const content = pageOf(log, frame);
      content.copy(file, (page - 1) * PAGE_BYTES, 0, PAGE_BYTES / 2);
      leave(file, log.bytes);
      expect(contents(), `half of page ${page}`).toBe(whole);
      content.copy(file, (page - 1) * PAGE_BYTES);
    }
    leave(file.subarray(0, log.pages * PAGE_BYTES), new Uint8Array());
    expect(contents()).toBe(whole);
  });

  test.each([0.2, 0.5, 0.9])("at %d of the load, everything goes on to its end afterwards", async (share) => {
    const end = ends[Math.floor(share * ends.length)] ?? 0;
    leave(base, log.upTo(end));
    const world = await createWorld({ works: true, url: `file:${cut}`, id: `after-${end}` });
    world.pass(10_000); // whatever the last process had in hand is given up
    const runs = await eventually(async () => {
      for (const { approvalId, status } of (await world.client.listApprovals({ query: { limit: 200 } }))
        .items)
        if (status === "PENDING")
          await world.client.approve({ params: { approvalId }, body: {} }).catch(() => {});
      const { items } = await world.client.listRuns({ query: { limit: 200 } });
      return items.every(({ status }) => status === "COMPLETED") && items;
    });
    await eventually(async () => (await world.ports.store.queries.figures(Date.now())).unsealedEvents === 0);
    await world.close();
    expect(
      await checkDatabase(
        `file:${cut}`,
        runs.map(({ runId }) => runId as RunId),
      ),
    ).toEqual([]);
  });
});
