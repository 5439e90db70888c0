import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../../src/adapters/libsql/database.ts";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { RemoteDriver } from "../../../src/adapters/libsql/remote-driver.ts";
import { trail } from "../../../src/adapters/libsql/trail.ts";
import { NO_TERMS } from "../../../src/core/run/approvals/evolve-approval.ts";
import { ROOT, type RunId } from "../../../src/core/run/ids.ts";
import type { Run, StepProgress } from "../../../src/core/run/run.ts";
import { checkpointOnce } from "../../../src/engine/checkpoint.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { purgeRun } from "../../../src/engine/retention.ts";
import { runAt } from "../../../src/engine/run-at.ts";
import { sealOnce } from "../../../src/engine/seal-events.ts";
import { verifyTrail } from "../../../src/engine/verify-trail.ts";
import { by } from "../../support/people.ts";
import { obtainSqld } from "../../support/server-binaries.ts";
import { mustSkip, type SqldServer, startSqld } from "../../support/servers.ts";
import {
  AT,
  approval,
  branch,
  committed,
  creating,
  published,
  recorded,
  startedRun,
  step,
  succeeded,
  transition,
} from "./given.ts";
import { delivery, hook } from "./hook-contract.ts";
import { openAt } from "./subject.ts";

const SECRET = "ana.secret@example.com";
const BY = by("user:dpo");
const clock = { now: () => AT + 5000, random: Math.random };

/** A run that has ended and holds the secret wherever a run can hold something. */
async function secretive(store: Store, runId: string): Promise<void> {
  const check = await startedRun(store, runId, { to: SECRET });
  const loaded = await store.runs.load(runId as RunId, ROOT);
  const run = loaded?.run as Run;
  const large = `${SECRET} `.repeat(20_000);
  const ended = step(runId, ROOT, "check", {
    finishedAt: AT,
    input: { to: SECRET },
    progress: succeeded({ large }),
  });
  const asked = approval(ended, {
    message: `Mail ${SECRET}?`,
    summary: { to: SECRET },
    status: "APPROVED",
    delegations: [{ from: "user:eve", to: "user:ben", as: [], at: AT, comment: SECRET }],
    terms: {
      ...NO_TERMS,
      escalate: [{ at: AT, to: ["team:sre"], notify: { text: SECRET } }],
      consequence: {
        approved: {
          text: "mail",
          actions: [{ state: "mail", type: "operation", agents: ["mailer"], task: SECRET }],
        },
        rejected: { text: "the run fails", actions: [] },
        expired: { text: "the run fails", actions: [] },
      },
    },
    decisions: [{ by: "user:ben", decision: "approved", at: AT, comment: SECRET, as: [] } as never],
  });
  await committed(
    store,
    transition(runId, {
      expected: { epoch: 1, branches: [{ path: ROOT, version: 1 }] },
      run: { ...run, lifecycle: { status: "COMPLETED", at: AT, output: { to: SECRET } }, epoch: 2 },
      branches: [
        branch(ROOT, {
          version: 2,
          vars: { item: SECRET },
          position: {
            at: "closed",
            closedAt: AT,
            outcome: { status: "SUCCEEDED", result: SECRET, writes: { to: SECRET } },
          },
        }),
      ],
      steps: [ended],
      approvals: [asked],
      signals: [{ id: "s1", name: "go", payload: SECRET, at: AT } as never],
      events: [
        recorded({ type: "signal.received", signalId: "s1", name: "go", payload: SECRET }),
        recorded({
          ...{ type: "step.succeeded", branch: ROOT, state: "check", stepId: check.id, attempt: 1 },
          output: { large },
        }),
        recorded({ type: "run.completed", output: { to: SECRET } }),
      ],
    }),
  );
}

function purgeContract(title: string, open: () => Promise<Store>, look: () => Promise<Database>): void {
  describe(title, () => {
    test("a run whose values are purged has none of them left, and its trail verifies as before", async () => {
      const store = await open();
      const ports = { store, clock };
      const purge = () => purgeRun(ports, "run_a", "article 17", BY);
      await published(store);
      expect(await purge()).toBe("unknown");
      await startedRun(store, "run_open");
      expect(await purgeRun(ports, "run_open", "article 17", BY)).toBe("open");
      await secretive(store, "run_a");
      const made = {
        id: "adm_hook",
        at: AT,
        ...BY,
        action: "hook.created",
        environment: "prod",
        subject: "hook:prod/github",
      };
      await store.hooks.add(hook("github"), { ...made, data: {} });
      const { request } = delivery("dlv_1");
      await store.hooks.deliveries.add(
        delivery("dlv_1", {
          request: { ...request, query: { to: [SECRET] }, text: `{"to":"${SECRET}"}` },
          outcome: { status: "STARTED", runId: "run_a" as RunId, isRepeated: false },
        }),
        { most: 3, since: 0 },
      );
      await startedRun(store, "run_kept", { to: SECRET });
      expect(await purge()).toBe("busy");
      while ((await sealOnce(ports, 1000)) > 0);
      while ((await checkpointOnce(ports, null, 1000)) !== "nothing");
      expect(JSON.stringify(await store.queries.run("run_a" as RunId, AT))).toContain(SECRET);
      const before = await store.queries.events("run_a" as RunId, 0, 100);

      expect(await purge()).toBe("purged");
      expect(await purge()).toBe("purged");
      const events = await store.queries.events("run_a" as RunId, 0, 100);
      expect(events.map(({ seq, hash, actor, event }) => [seq, hash, actor, event.type])).toEqual(
        before.map(({ seq, hash, actor, event }) => [seq, hash, actor, event.type]),
      );
      const seen = {
        events,
        run: await store.queries.run("run_a" as RunId, AT),
        steps: await store.queries.steps("run_a" as RunId),
        approvals: await store.queries.approvals({ runId: "run_a" as RunId }, { limit: 9 }),
      };
      expect(JSON.stringify(seen)).not.toContain(SECRET);
      expect(seen.run).toMatchObject({ status: "COMPLETED", input: {}, output: null });
      expect(JSON.stringify(await store.queries.run("run_kept" as RunId, AT))).toContain(SECRET);
      expect(await runAt(ports, "run_a" as RunId, 1)).toMatchObject({ run: { input: {} } });
      const told = (await store.adminEvents.list(null, { limit: 9 })).filter(
        ({ action }) => action === "run.purged",
      );
      expect(told).toMatchObject([
        { actor: "user:dpo", subject: "run:run_a", data: { reason: "article 17" } },
      ]);

      while ((await sealOnce(ports, 1000)) > 0);
      while ((await checkpointOnce(ports, null, 1000)) !== "nothing");
      await store.close();
      const db = await look();
      const found = await verifyTrail(trail(db), { keys: new Set(), anchored: new Map() });
      expect(found.faults).toEqual([]);
      const [tables = []] = await db.read([
        { sql: "select name from sqlite_master where type = 'table'", args: [] },
      ]);
      for (const [name] of tables) {
        const [rows = []] = await db.read([{ sql: `select * from "${name}"`, args: [] }]);
        const ofRun = rows.filter((row) => row.some((cell) => cell === "run_a"));
        expect([name, JSON.stringify(ofRun).includes(SECRET)]).toEqual([name, false]);
      }
      await db.close();
    });

    test("a called run keeps its values until the run that called it has taken its result", async () => {
      const store = await open();
      const ports = { store, clock };
      const purge = () => purgeRun(ports, "run_called", "article 17", BY);
      await published(store);
      const call = await startedRun(store, "run_caller");
      const created = creating("run_called");
      const at = { runId: "run_caller" as RunId, branch: ROOT, stepId: call.id, attempt: 1, within: [] };
      const run = { ...(created.run as Run), calledBy: at };
      await committed(store, { ...created, run });
      const output = { to: SECRET };
      await committed(
        store,
        transition("run_called", {
          expected: { epoch: 0, branches: [] },
          run: { ...run, lifecycle: { status: "COMPLETED", at: AT, output }, epoch: 1, startedAt: AT },
          events: [recorded({ type: "run.completed", output })],
        }),
      );
      while ((await sealOnce(ports, 1000)) > 0);
      const calledRunId = "run_called" as RunId;
      const waits: StepProgress = { status: "RUNNING", waiting: { for: "run", runId: calledRunId } };
      const goOn = (progress: StepProgress, finishedAt: number | null) =>
        committed(
          store,
          transition("run_caller", { steps: [{ ...call, calledRunId, progress, finishedAt }] }),
        );
      await goOn(waits, null);
      expect(await purge()).toBe("awaited");
      expect(await store.queries.run(calledRunId, AT)).toMatchObject({ output });
      await goOn(succeeded(output), AT);
      expect(await purge()).toBe("purged");
      expect(await store.queries.run(calledRunId, AT)).toMatchObject({ output: null });
      await store.close();
    });
  });
}

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "station-purge-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const file = () => join(folder, "station.db");

purgeContract(
  "in a file",
  () => openAt(`file:${file()}`),
  async () => openFile(file()),
);

test("not even the bytes of the file hold what was purged", async () => {
  const store = await openAt(`file:${file()}`);
  await published(store);
  await secretive(store, "run_a");
  const ports = { store, clock };
  while ((await sealOnce(ports, 1000)) > 0);
  expect(await purgeRun(ports, "run_a", "article 17", BY)).toBe("purged");
  await store.close();
  expect(readFileSync(file()).includes(SECRET)).toBe(false);
});

const program = await obtainSqld();
describe.skipIf(mustSkip("purging on sqld", program))("sqld", () => {
  let server: SqldServer;
  beforeAll(async () => {
    server = await startSqld({ program });
  }, 60_000);
  afterAll(() => server?.remove());
  purgeContract(
    "on a server",
    () => openAt(server.url),
    async () => new RemoteDriver(server.url, undefined),
  );
});
