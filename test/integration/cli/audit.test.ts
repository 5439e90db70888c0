import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archiveFiles } from "../../../src/adapters/archive-files/archive-files.ts";
import { FileDriver } from "../../../src/adapters/libsql/file-driver.ts";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { EXIT } from "../../../src/cli/errors.ts";
import { parseRetention } from "../../../src/core/retention/policy.ts";
import type { RunId } from "../../../src/core/run/ids.ts";
import { createKeyPair } from "../../../src/engine/bundle/signature.ts";
import { archiveOnce } from "../../../src/engine/retention.ts";
import { type MadeTrail, makeTrail } from "../../support/audit/make-trail.ts";
import { gate } from "../http/definitions.ts";
import { createWorld, eventually, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

const folder = mkdtempSync(join(tmpdir(), "station-audit-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `stn` as people call it: a process of its own, without any server. */
function stn(...args: readonly string[]) {
  const child = spawn(process.execPath, ["src/main/cli.ts", ...args], {
    env: { PATH: process.env["PATH"], STATION_DATA_DIR: folder },
  });
  const texts = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    texts.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    texts.err += chunk;
  });
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, ...texts })),
  );
}

describe("stn audit verify", () => {
  const path = join(folder, "station.db");
  let trail: MadeTrail;
  beforeAll(async () => {
    let next = 0;
    trail = await makeTrail(`file:${path}`, { runs: 5, eventsPerRun: 20 }, () => (next = (next + 0.37) % 1));
    writeFileSync(join(folder, "audit.pub"), trail.publicKey);
    writeFileSync(join(folder, "other.pub"), createKeyPair().publicKey);
  });

  it("reads a database of nobody's and says what it found, and who vouches for it", async () => {
    const { code, out, err } = await stn("audit", "verify", "--database", trail.url);
    expect({ code, out }).toEqual({ code: EXIT.ok, out: "" });
    expect(err).toContain("100 events of 5 runs, 4 administrative events, 4 versions of workflows");
    expect(err).toContain(`1 checkpoints, 1 signed by ${trail.signer.keyId}`);
    expect(err).toContain("no key was named");
    expect(err).toContain("everything is as it was kept");
  });

  it("takes the configured database, and only signatures of the keys that were named", async () => {
    const trusted = await stn("audit", "verify", "--public-key", join(folder, "audit.pub"), "--json");
    expect(trusted.code).toBe(EXIT.ok);
    expect(JSON.parse(trusted.out)).toMatchObject({ ok: true, events: 100, faults: [] });
    const other = await stn("audit", "verify", "--public-key", join(folder, "other.pub"), "-o", "id");
    expect(other).toMatchObject({ code: EXIT.findings, out: "faults\n" });
  });

  it("does not read what a running Station owns, and says how to", async () => {
    const owner = openFile(path);
    try {
      const { code, err } = await stn("audit", "verify", "--database", trail.url);
      expect(code).toBe(EXIT.error);
      expect(err).toContain("is in use: take a copy of it (stn backup copy.db)");
    } finally {
      await owner.close();
    }
  });

  it("names the event that was changed, with exit code 3", async () => {
    const db = new FileDriver(path);
    const [runId] = trail.runIds;
    db.exec(`update workflow_run_events set actor = 'user:eve' where run_id = '${runId}' and seq = 7`);
    db.abandon();
    const { code, out, err } = await stn("audit", "verify", "--database", trail.url);
    expect(code).toBe(EXIT.findings);
    expect(out).toBe(`run\t${runId}\t7\tevent 7 was changed: actor\n`);
    expect(err).toContain("1 thing is not as kept");
  });
});

describe("with a server", () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ works: true });
    await world.client.createWorkflow({ body: { definition: gate("gate") } });
  });
  afterAll(() => world.close());

  it("stn audit log tells what was changed about Station, by whom", async () => {
    await world.client.disableWorkflow({ params: { id: "gate" }, query: { environment: "default" } });
    await world.client.enableWorkflow({ params: { id: "gate" }, query: { environment: "default" } });
    const { code, out } = await stnFor(world).call(["audit", "log"]).done;
    const lines = out.split("\n").map((line) => line.split("\t").slice(1, 5));
    expect(code).toBe(EXIT.ok);
    expect(lines.slice(0, 3)).toEqual([
      ["user:ana", "workflow.enabled", "workflow:default/gate", "api"],
      ["user:ana", "workflow.disabled", "workflow:default/gate", "api"],
      ["user:ana", "workflow.published", "workflow:default/gate", "api"],
    ]);
  });

  it("stn audit verify --archive reads a file of archived runs, and trusts the keys that are named", async () => {
    const { runId } = await world.client.startRun({ body: { workflowId: "gate" } });
    await world.client.cancelRun({ params: { runId } });
    await eventually(async () => (await world.client.getRun({ params: { runId } })).finishedAt);
    const parsed = parseRetention("90d");
    const retention = { rules: parsed.ok ? parsed.rules : [], holdLabel: "hold" };
    const files = archiveFiles(join(folder, "archives"));
    const later = { now: () => Date.now() + 100 * 86_400_000, random: Math.random };
    const ports = { ...world.ports, archiveFiles: files, clock: later };
    const never = new AbortController().signal;
    await eventually(
      async () => (await archiveOnce(ports, retention, { runs: 10, events: 1000 }, never)) > 0,
    );
    const [made] = await world.ports.store.archives.list({ limit: 1 });
    const file = join(folder, "archives", made?.file ?? "");
    writeFileSync(join(folder, "stranger.pub"), createKeyPair().publicKey);
    const named = ["--public-key", join(folder, "stranger.pub")];
    expect(await stnFor(world).call(["audit", "verify", "--archive", file]).done).toMatchObject({
      code: EXIT.ok,
      err: expect.stringMatching(/whole; 1 by nobody's signature\n.*no key was named/s),
    });
    expect(await stnFor(world).call(["audit", "verify", "--archive", file, ...named]).done).toMatchObject({
      code: EXIT.findings,
      err: expect.stringContaining(`${runId}: no key that is trusted here signed checkpoint`),
    });

    const broken = join(folder, "broken.ndjson.gz");
    writeFileSync(broken, "no archive");
    const several = await stnFor(world).call(["archive", "verify", broken, file, "--json"]).done;
    expect(several.code).toBe(EXIT.findings);
    expect(JSON.parse(several.out).items).toEqual([
      {
        ...{ file: broken, ok: false, runs: 0, rows: 0, signed: {} },
        problems: [expect.stringContaining("cannot be read as an archive")],
      },
      { file, ok: true, runs: 1, rows: expect.any(Number), signed: {}, problems: [] },
    ]);
    const lines = await stnFor(world).call(["archive", "verify", broken, file]).done;
    expect(lines.out).toBe(`${broken}\t0\t1 problems\n${file}\t1\twhole\n`);
  });

  it("stn audit export writes a run's evidence, and stn audit verify finds it whole or not", async () => {
    const { runId } = await world.client.startRun({ body: { workflowId: "gate" } });
    await eventually(async () => (await world.ports.store.evidence.of(runId as RunId))?.status === "proved");
    const file = join(folder, "run.zip");
    const exported = await stnFor(world).call(["audit", "export", runId, "--out", file]).done;
    expect(exported).toMatchObject({ code: EXIT.ok, err: expect.stringContaining("stn audit verify") });
    const whole = await stnFor(world).call(["audit", "verify", file]).done;
    expect(whole).toMatchObject({
      code: EXIT.ok,
      out: "",
      err: expect.stringContaining("it is as it was kept"),
    });
    expect(whole.err).toContain("not signed");
    const named = ["--public-key", join(folder, "audit.pub")];
    const unsigned = await stnFor(world).call(["audit", "verify", file, ...named]).done;
    expect(unsigned).toMatchObject({
      code: EXIT.findings,
      out: expect.stringContaining("no key that is trusted"),
    });
    writeFileSync(file, "no zip file");
    const none = await stnFor(world).call(["audit", "verify", file]).done;
    expect(none).toMatchObject({ code: EXIT.findings, err: expect.stringContaining("proves nothing") });
  });
});
