import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { archiveFiles } from "../../../src/adapters/archive-files/archive-files.ts";
import { type Signer, signerWith } from "../../../src/core/audit/signature.ts";
import { parseRetention, type Retention } from "../../../src/core/retention/policy.ts";
import { ROOT, type RunId, type StepId } from "../../../src/core/run/ids.ts";
import type { Run } from "../../../src/core/run/run.ts";
import { stepId } from "../../../src/core/run/step-id.ts";
import { checkpointOnce } from "../../../src/engine/checkpoint.ts";
import type { ArchiveFiles } from "../../../src/engine/ports/archives.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { archiveOnce, bringBackRuns, checkArchive } from "../../../src/engine/retention.ts";
import { sealOnce } from "../../../src/engine/seal-events.ts";
import { by } from "../../support/people.ts";
import { obtainSqld } from "../../support/server-binaries.ts";
import { mustSkip, type SqldServer, startSqld } from "../../support/servers.ts";
import { AT, branch, committed, creating, recorded, step, succeeded, transition } from "./given.ts";
import { inFiles, onServer, type Place, type Subject } from "./subject.ts";

const DAY = 86_400_000;
const NEVER = new AbortController().signal;
const BATCH = { runs: 3, events: 10_000 };
const KEY = signer();
const BY = by("user:ana");

function signer(): Signer {
  const { privateKey } = generateKeyPairSync("ed25519");
  const made = signerWith(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return "problem" in made ? expect.unreachable(made.problem) : made;
}

function retentionOf(text: string): Retention {
  const parsed = parseRetention(text);
  return parsed.ok ? { rules: parsed.rules, holdLabel: "hold" } : expect.unreachable(parsed.problem);
}
const NINETY_DAYS = retentionOf("90d");

/** A run that has ended, with so many events, one of which has a large value. */
async function finished(
  store: Store,
  runId: string,
  more: {
    labels?: Record<string, string>;
    events?: number;
    caller?: string;
    calls?: string;
    characters?: number;
  } = {},
) {
  const created = creating(runId);
  const { caller, calls } = more;
  const at = { branch: ROOT, stepId: "s" as StepId, attempt: 1, within: [] };
  const calledBy = caller === undefined ? null : { runId: caller as RunId, ...at };
  const run = { ...(created.run as Run), labels: more.labels ?? {}, calledBy };
  await committed(store, { ...created, run });
  const check = step(runId, ROOT, "check", {
    finishedAt: AT,
    progress: succeeded("o".repeat(300_000)),
    ...(calls !== undefined && { calledRunId: calls as RunId }),
  });
  const note = recorded({ type: "run.resumed" });
  await committed(
    store,
    transition(runId, {
      expected: { epoch: 0, branches: [] },
      run: {
        ...run,
        lifecycle: { status: "COMPLETED", at: AT, output: { ok: runId } },
        epoch: 1,
        startedAt: AT,
      },
      branches: [
        branch(ROOT, {
          version: 2,
          position: { at: "closed", closedAt: AT, outcome: { status: "SUCCEEDED" } } as never,
        }),
      ],
      steps: [check],
      alarms: [{ change: "clear", target: ROOT, seen: 1 }],
      events: [
        recorded({
          type: "signal.received",
          signalId: "s",
          name: "go",
          payload: `${runId}${"p".repeat(more.characters ?? 300_000)}`,
        }),
        ...Array.from({ length: more.events ?? 3 }, () => note),
      ],
    }),
  );
}

/** Everything that is kept of a run, as people see it. */
async function seen(store: Store, runId: string) {
  const id = runId as RunId;
  return {
    run: await store.queries.run(id, AT),
    steps: await store.queries.steps(id),
    events: await store.queries.events(id, 0, 5000),
  };
}

/** `far`: a server, where each question takes its time; what does not depend on the store is not asked there. */
function retentionContract(title: string, place: () => Place, { far }: { readonly far: boolean }): void {
  describe(title, () => {
    let subject: Subject;
    let folder = "";
    let files: ArchiveFiles;
    const ports = () => ({
      store: subject.store,
      archiveFiles: files,
      clock: { now: () => subject.clock.at, random: Math.random },
      log: { info() {}, warn() {}, error() {} },
    });
    const sealed = async (signer: Signer | null = null) => {
      while ((await sealOnce(ports(), 1000)) > 0);
      while ((await checkpointOnce(ports(), signer, 1000)) !== "nothing");
    };
    const archive = (retention = NINETY_DAYS) => archiveOnce(ports(), retention, BATCH, NEVER);
    const later = (days: number) => {
      subject.clock.at = AT + days * DAY;
    };
    beforeEach(async () => {
      subject = await place().open();
      folder = mkdtempSync(join(tmpdir(), "station-archives-"));
      files = archiveFiles(folder);
    });
    afterEach(async () => {
      await subject.store.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("a called run stays as long as the run that called it goes on", async () => {
      const { store } = subject;
      await committed(store, creating("run_open"));
      await finished(store, "run_awaited", { caller: "run_open" });
      await finished(store, "run_done");
      await finished(store, "run_child", { caller: "run_done" });
      await sealed();
      later(90);
      expect(await archive()).toBe(2);
      expect(await store.queries.status("run_awaited" as RunId)).toBe("COMPLETED");
      const [made] = await store.archives.list({ limit: 1 });
      await bringBackRuns(ports(), made?.archiveId ?? "", ["run_child"], BY);
      const back = await store.queries.runs({ calledBy: "run_done" }, { limit: 10 });
      expect(back.map(({ runId }) => runId)).toEqual(["run_child"]);
    });

    test("whether people were asked in a called run is not known while it is in an archive", async () => {
      const { store } = subject;
      const labels = { hold: "case 7" };
      await finished(store, "run_top", { labels, calls: "run_mid" });
      await finished(store, "run_mid", { labels, caller: "run_top", calls: "run_asked" });
      await finished(store, "run_asked", { caller: "run_mid" });
      await sealed();
      const gates = (runId: string) => store.runs.gatesBelow(runId as RunId);
      expect([await gates("run_top"), await gates("run_mid")]).toEqual([[], []]);
      later(90);
      expect(await archive()).toBe(1);
      expect(await gates("run_mid")).toEqual([
        { id: stepId("run_mid" as RunId, ROOT, "check", 1), branch: ROOT, archived: "run_asked" },
      ]);
      expect(await gates("run_top")).toMatchObject([{ branch: ROOT, archived: "run_asked" }]);
      const [made] = await store.archives.list({ limit: 1 });
      await bringBackRuns(ports(), made?.archiveId ?? "", null, BY);
      expect(await gates("run_top")).toEqual([]);
    });

    test("runs whose time is over leave the database for a file that proves them, and come back as they were", async () => {
      const { store } = subject;
      for (const runId of ["run_a", "run_b", "run_c"]) await finished(store, runId);
      await finished(store, "run_held", { labels: { hold: "case 7" } });
      await finished(store, "run_kept");
      const reason = { reason: "audit", at: AT, by: "user:ana" };
      const event = {
        id: "adm_1",
        at: AT,
        ...BY,
        action: "run.held",
        environment: null,
        subject: "run",
        data: {},
      };
      expect(await store.archives.hold("run_kept", reason, event)).toBe("held");
      await sealed();
      const before = await seen(store, "run_b");
      later(89);
      expect(await archive()).toBe(0);
      later(90);
      expect(await archive()).toBe(3);
      expect(await archive()).toBe(0);

      const gone = await Promise.all(
        ["run_a", "run_b", "run_c", "run_held", "run_kept"].map((id) => store.queries.status(id as RunId)),
      );
      expect(gone).toEqual([null, null, null, "COMPLETED", "COMPLETED"]);
      expect((await store.queries.events("run_b" as RunId, 0, 10)).length).toBe(0);
      const [made] = await store.archives.list({ limit: 10 });
      if (!made) expect.unreachable();
      expect(made).toMatchObject({ status: "done", runs: 3, sha256: await files.digest(made.file) });
      expect(await store.archives.find("run_b")).toMatchObject({
        archiveId: made.archiveId,
        file: made.file,
      });
      const [told] = await store.adminEvents.list(null, { limit: 1 });
      expect(told).toMatchObject({ action: "runs.removed", data: { sha256: made.sha256 } });
      expect(await checkArchive(files.lines(made.file))).toMatchObject({
        problems: [],
        runs: [{ runId: "run_a" }, { runId: "run_b", hash: before.events.at(-1)?.hash }, { runId: "run_c" }],
      });
      const held = await store.archives.hold("run_a", reason, { ...event, id: "adm_2" });
      expect(held).toBe("archived");

      // A process that dies as soon as it is back has told of it: without that nobody would miss it, were it deleted.
      const append = () => Promise.reject(new Error("killed"));
      const dying = { ...store, adminEvents: { ...store.adminEvents, append } };
      const back = await bringBackRuns({ ...ports(), store: dying }, made.archiveId, ["run_b"], BY);
      expect(back).toEqual({ status: "back", runIds: ["run_b"] });
      const [newest] = await store.adminEvents.list(null, { limit: 1 });
      expect(newest).toMatchObject({
        action: "runs.brought_back",
        actor: BY.actor,
        data: { runs: ["run_b"] },
      });
      expect(await seen(store, "run_b")).toEqual(before);
      expect(await store.archives.find("run_b")).toBeNull();
      expect((await store.queries.doctor(subject.clock.at)).filter(({ ok }) => !ok)).toEqual([]);
      // Held until somebody lets it go: then its time is over again.
      expect(await archive()).toBe(0);
      expect(await store.archives.release("run_b", { ...event, id: "adm_3" })).toBe(true);
      expect(await archive()).toBe(1);
    });

    test("an archive proves itself: nothing in it can be another thing, and only the key's holder can have made it", async () => {
      const { store } = subject;
      // The first checkpoint is not signed: the one after it vouches for it.
      await finished(store, "run_a");
      await sealed();
      await finished(store, "run_b");
      // Kept in pieces.
      await finished(store, "run_c", { characters: 1_400_000 });
      await sealed(KEY);
      const evidence = await store.evidence.of("run_c" as RunId);
      const values = evidence?.status === "proved" ? evidence.payloads.map(({ body }) => body.length) : [];
      expect(values.sort()).toEqual([1_400_007, 300_002]);
      later(90);
      expect(await archive()).toBe(3);
      const [made] = await store.archives.list({ limit: 1 });
      if (!made) expect.unreachable();
      const lines: string[] = [];
      for await (const line of files.lines(made.file)) lines.push(line);
      const found = (edited: readonly string[], keys?: ReadonlySet<string>) =>
        checkArchive(Readable.from(edited), keys);
      expect(await found(lines, new Set([KEY.keyId]))).toMatchObject({
        problems: [],
        signed: new Map([[KEY.keyId, 3]]),
      });
      expect((await found(lines, new Set(["ed25519:other"]))).problems).toHaveLength(3);
      // Whoever changes an event, a value, a head, a checkpoint or a definition is found out.
      const replaced = (what: string | RegExp, by: string) => lines.map((line) => line.replace(what, by));
      for (const edited of [
        replaced('"signal.received"', '"signal.ignored"'),
        replaced(/p{300000}/, "q".repeat(300_000)),
        replaced(/("runId":"run_b".*"hash":")[0-9a-f]{8}/, "$100000000"),
        replaced(/"proof":\[\{"side":"right"/, '"proof":[{"side":"left"'),
        replaced(/(\\"at\\":)\d/, "$19"),
        lines.filter((line) => !line.startsWith('{"checkpointed"')),
        lines.filter((line) => !line.startsWith('["workflow_payloads"')),
        lines.filter((line) => !/^\["workflow_payloads","run_c","[0-9a-f]+","p/.test(line)),
      ])
        expect((await found(edited)).problems).not.toEqual([]);
    });

    test.skipIf(far)("a run that no checkpoint vouches for yet stays", async () => {
      await finished(subject.store, "run_a");
      later(400);
      expect(await archive()).toBe(0);
      await sealOnce(ports(), 1000);
      expect(await archive()).toBe(0);
      await sealed();
      expect(await archive()).toBe(1);
    });

    test("a run of many events goes in parts, and whoever takes over in the middle finishes it", async () => {
      const { store } = subject;
      const events = far ? 400 : 3000;
      await finished(store, "run_large", { events });
      await sealed();
      later(90);
      let parts = 0;
      const dies = {
        throwIfAborted() {
          if (++parts > 8) throw new Error("killed");
        },
      } as AbortSignal;
      const { removeRuns } = store.archives;
      const dying: Store = {
        ...store,
        archives: {
          ...store.archives,
          removeRuns: (id, now) => removeRuns(id, now, dies),
        },
      };
      await expect(archiveOnce({ ...ports(), store: dying }, NINETY_DAYS, BATCH, NEVER)).rejects.toThrow(
        "killed",
      );
      expect((await store.queries.doctor(subject.clock.at)).filter(({ ok }) => !ok)).toEqual([]);
      expect(await archive()).toBe(1);
      expect(await store.queries.status("run_large" as RunId)).toBeNull();
      const [made] = await store.archives.list({ limit: 10 });
      if (!made) expect.unreachable();
      expect((await checkArchive(files.lines(made.file))).problems).toEqual([]);
      await bringBackRuns(ports(), made.archiveId, null, BY);
      expect((await seen(store, "run_large")).events.length).toBe(events + 2);
    });

    /** Dies where `broken` throws; what is there then, and after the next attempt. */
    const dying = async (broken: Partial<Store["archives"]>, brokenFiles: Partial<ArchiveFiles> = {}) => {
      await finished(subject.store, "run_a");
      await sealed();
      later(90);
      const store = { ...subject.store, archives: { ...subject.store.archives, ...broken } };
      const archiving = archiveOnce(
        { ...ports(), store, archiveFiles: { ...files, ...brokenFiles } },
        NINETY_DAYS,
        BATCH,
        NEVER,
      );
      await expect(archiving).rejects.toThrow("killed");
      expect(await subject.store.queries.status("run_a" as RunId)).toBe("COMPLETED");
    };
    const killed = () => Promise.reject(new Error("killed"));
    const archivesOnDisk = () =>
      (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.includes(".ndjson"));
    const expectOnce = async () => {
      expect(await subject.store.queries.status("run_a" as RunId)).toBeNull();
      const listed = await subject.store.archives.list({ limit: 10 });
      expect(listed).toMatchObject([{ status: "done", runs: 1 }]);
      expect(archivesOnDisk()).toEqual(listed.map(({ file }) => file));
      const told = (await subject.store.adminEvents.list(null, { limit: 10 })).filter(
        ({ action }) => action === "runs.removed",
      );
      expect(told.length).toBe(1);
    };

    test.skipIf(far)("death before the file is written: it is made anew, once", async () => {
      await dying({}, { write: killed });
      expect(await archive()).toBe(1);
      await expectOnce();
    });

    test.skipIf(far)(
      "death after the file was written and before that was noted: it is made anew, once",
      async () => {
        await dying({ written: killed });
        expect(archivesOnDisk().length).toBe(1);
        expect(await archive()).toBe(1);
        await expectOnce();
      },
    );

    test("death after the file was noted, which nobody heard of: its runs are removed, once", async () => {
      const { written } = subject.store.archives;
      await dying({ written: (...args) => written(...args).then(killed) });
      expect(await archive()).toBe(1);
      await expectOnce();
    });

    test.skipIf(far)("death before the first run is removed: they are removed, once", async () => {
      await dying({ removeRuns: killed });
      expect(await archive()).toBe(1);
      await expectOnce();
    });

    test.skipIf(far)(
      "a file that is lost or changed before its runs were removed: they stay, and come back into the line with it",
      async () => {
        await dying({ removeRuns: killed });
        const [name = ""] = archivesOnDisk();
        const bytes = readFileSync(join(folder, name));
        rmSync(join(folder, name));
        await expect(archive()).rejects.toThrow("is not there: its runs stay in the database");
        writeFileSync(join(folder, name), bytes.subarray(0, bytes.length - 20));
        await expect(archive()).rejects.toThrow("is not as it was written");
        expect(await subject.store.queries.status("run_a" as RunId)).toBe("COMPLETED");
        writeFileSync(join(folder, name), bytes);
        expect(await archive()).toBe(1);
        await expectOnce();
      },
    );

    test.skipIf(far)("two processes that take each other for dead make one archive of it", async () => {
      await finished(subject.store, "run_a");
      await sealed();
      later(90);
      const other = { ...ports(), archiveFiles: archiveFiles(folder) };
      const slow: ArchiveFiles = {
        ...files,
        write: async (name, lines) => {
          const made = await files.write(name, lines);
          expect(await archiveOnce(other, NINETY_DAYS, BATCH, NEVER)).toBe(1);
          return made;
        },
      };
      await archiveOnce({ ...ports(), archiveFiles: slow }, NINETY_DAYS, BATCH, NEVER).catch(() => {});
      await expectOnce();
    });

    test.skipIf(far)("an archive that was cut off or changed is told from one that is whole", async () => {
      await finished(subject.store, "run_a");
      await sealed();
      later(90);
      await archive();
      const lines: string[] = [];
      const [name = ""] = archivesOnDisk();
      for await (const line of files.lines(name)) lines.push(line);
      const problemsOf = async (changed: readonly string[]) =>
        (
          await checkArchive(
            (async function* () {
              yield* changed;
            })(),
          )
        ).problems;
      expect(await problemsOf(lines)).toEqual([]);
      expect(await problemsOf(lines.slice(0, -1))).not.toEqual([]);
      const first = lines.findIndex((line) => line.startsWith('["workflow_run_events"'));
      for (const changed of [
        lines.with(first, (lines[first] ?? "").replace("user:ana", "user:eve")),
        lines.toSpliced(first, 1),
        lines.toSpliced(first, 0, lines[first] ?? ""),
      ])
        expect(await problemsOf(changed)).not.toEqual([]);
      const path = join(folder, name);
      writeFileSync(path, readFileSync(path).subarray(0, statSync(path).size - 30));
      await expect(checkArchive(files.lines(name))).rejects.toThrow();
    });
  });
}

const inFolder = inFiles();
retentionContract("in a file", () => inFolder, { far: false });

const program = await obtainSqld();
describe.skipIf(mustSkip("retention on sqld", program))("sqld", () => {
  let server: SqldServer;
  beforeAll(async () => {
    server = await startSqld({ program });
  }, 60_000);
  afterAll(() => server?.remove());
  retentionContract("on a server", () => onServer(server.url.replace("http", "ws")), { far: true });
});
