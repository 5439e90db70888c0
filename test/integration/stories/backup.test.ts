import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { createStore } from "../../../src/adapters/libsql/store.ts";
import { checkpointOnce } from "../../../src/engine/checkpoint.ts";
import type { Run } from "../../../src/http/schemas/runs.ts";
import {
  type Deployment,
  removeServers,
  type Servers,
  startDistributed,
  startEmbedded,
  startServers,
} from "./support/deployment.ts";
import { eventually } from "./support/eventually.ts";
import { withoutHash } from "./support/following.ts";
import { expectSameAs, startAndReachTheMiddle, undisturbedRun } from "./support/interrupted.ts";
import { type Ended, launchCommand } from "./support/process.ts";
import { createStation } from "./support/station.ts";
import { describeDistributed } from "./support/story.ts";

const migrationsDir = fileURLToPath(new URL("../../../migrations/", import.meta.url));
const cli = fileURLToPath(new URL("../../../src/main/cli.ts", import.meta.url));

/** Several deployments begin and end in each: on a busy machine that takes a while. */
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "station-backup-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The command line as a process of its own. */
async function stn(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended & { said: string }> {
  const process = launchCommand([globalThis.process.execPath, cli, ...args], { directory: folder, env });
  return { ...(await process.ended), said: process.text() };
}

/** Backs a Station up while runs are started all the time; how the run goes that they all repeat. */
async function backedUpAtWork(
  deployment: Deployment,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Run> {
  const station = createStation(deployment.url);
  const undisturbed = await undisturbedRun(station);
  const backup = { isTaken: false };
  const starting = (async () => {
    while (!backup.isTaken) await startAndReachTheMiddle(station);
  })();
  await startAndReachTheMiddle(station);
  const taken = await stn(args, env).finally(() => {
    backup.isTaken = true;
  });
  await starting;
  expect(taken).toMatchObject({ code: 0, said: expect.stringMatching(/ runs \([1-9]\d* open\)/) });
  return undisturbed;
}

/** On what was restored, every run ends like the undisturbed one, and does nothing again that had succeeded. */
async function expectAllToGoOn(deployment: Deployment, undisturbed: Run): Promise<void> {
  const station = createStation(deployment.url);
  const { items } = await station.client.listRuns({ query: { limit: 100 } });
  await Promise.all(items.map(({ runId }) => expectSameAs(station, undisturbed, runId, [])));
  const events = await station.client.listAdminEvents({});
  expect(events.items).toContainEqual(expect.objectContaining({ action: "backup.restored", channel: "cli" }));
}

it("what was backed up from a working Station goes on in an empty folder, and nothing that had succeeded runs again", async () => {
  const [backup, restored] = [join(folder, "backup.db"), join(folder, "elsewhere", "station.db")];
  const first = await startEmbedded();
  const undisturbed = await backedUpAtWork(first, ["backup", backup], { STATION_URL: first.url });
  await first.remove();

  const target = { STATION_DATABASE_URL: `file:${restored}` };
  expect(await stn(["restore", backup], target)).toMatchObject({ code: 0 });
  const second = await startEmbedded(target);
  await expectAllToGoOn(second, undisturbed);
  const refused = await stn(["restore", backup, "--yes"], target);
  expect(refused).toMatchObject({ code: 1, said: expect.stringContaining("one process owns a file") });
  await second.remove();

  const still = await stn(["backup", join(folder, "later.db")], { ...target, STATION_URL: first.url });
  expect(still.said).toContain("itself");
  expect(still).toMatchObject({ code: 0, said: expect.stringContaining("(0 open)") });
});

/** Makes the checkpoint that a stopped process may not have come to. */
async function vouchedFor(file: string): Promise<void> {
  const clock = { now: () => Date.now(), random: () => Math.random() };
  const log = { info() {}, warn() {}, error() {} };
  const store = await createStore({ url: `file:${file}`, migrationsDir, clock, log });
  await checkpointOnce({ store, clock }, null, 10_000);
  await store.close();
}

it("a run whose time is over leaves a working Station for a file that proves it, and comes back readable", async () => {
  const archiveDir = join(folder, "archive");
  const env = { STATION_RETENTION: "1h", STATION_ARCHIVE_DIR: archiveDir };
  const deployment = await startEmbedded(env);
  const station = createStation(deployment.url);
  const run = await undisturbedRun(station);
  const events = await station.events(run.runId);
  const [process = expect.unreachable()] = deployment.processes;
  await eventually(async () => (await station.events(run.runId)).at(-1)?.hash);
  await process.stop();
  const file = join(deployment.directory, "data", "station.db");
  await vouchedFor(file);
  const db = openFile(file);
  db.exec("update workflow_runs set created_at = created_at - 7200000, finished_at = finished_at - 7200000");
  await db.close();

  await deployment.restart(process);
  await deployment.logged("archived runs removed from the database", { runs: 1 });
  await expect(station.run(run.runId)).rejects.toThrow("it is in the archive");
  const [archive = expect.unreachable()] = (await station.client.listArchives({})).items;
  const verified = await stn(["archive", "verify", join(archiveDir, archive.file)], {});
  expect(verified).toMatchObject({ code: 0, said: expect.stringContaining("1 runs") });
  const back = await stn(["archive", "restore", archive.archiveId], { STATION_URL: deployment.url });
  expect(back).toMatchObject({ code: 0, said: expect.stringContaining("1 runs are back") });
  expect((await station.events(run.runId)).map(withoutHash)).toEqual(events.map(withoutHash));
  expect(await station.run(run.runId)).toMatchObject({ status: "COMPLETED", output: run.output });
  await deployment.remove();
});

describeDistributed("a Station of several processes", () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers();
  });
  afterAll(() => removeServers(servers));

  it("goes on from a backup on servers that are empty, and nothing that had succeeded runs again", async () => {
    const backup = join(folder, "distributed.db");
    const first = await startDistributed();
    await expect(createStation(first.url).client.downloadBackup()).rejects.toThrow("STATION_DATABASE_URL");
    const address = { STATION_DATABASE_URL: first.servers.sqld.url };
    const undisturbed = await backedUpAtWork(first, ["backup", backup], address);
    expect((await stat(backup)).mode & 0o777).toBe(0o600);
    await first.remove();

    expect(await stn(["restore", backup], { STATION_DATABASE_URL: servers.sqld.url })).toMatchObject({
      code: 0,
    });
    const second = await startDistributed({}, servers);
    await expectAllToGoOn(second, undisturbed);
    await second.remove();
  });
});
