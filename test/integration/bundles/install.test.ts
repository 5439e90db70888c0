import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zipArchive } from "../../../src/adapters/bundles/zip.ts";
import { createKeyPair } from "../../../src/engine/bundle/signature.ts";
import { loadConfig } from "../../../src/main/config.ts";
import { type Serving, startServing } from "../../../src/main/serve.ts";
import { createStation, type Station } from "../stories/support/station.ts";
import { asks, bundleOf, environmentWith, says, TRIAGE } from "./scene.ts";

const signer = createKeyPair();
let place: Awaited<ReturnType<typeof environmentWith>>;
let serving: Serving | null = null;
let on: Station;
beforeAll(async () => {
  place = await environmentWith({ "agents/own.prompt": says("own", "mine") });
  on = await started({});
});
afterAll(async () => {
  await serving?.close();
  await place.remove();
});

/** Station over the same files and database. */
async function started(variables: Readonly<Record<string, string>>): Promise<Station> {
  await serving?.close();
  const loaded = loadConfig({
    PORT: "0",
    STATION_DATA_DIR: place.directory,
    STATION_ENVIRONMENTS_DIR: join(place.directory, "environments"),
    ...variables,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  serving = await startServing(loaded.config, { info: () => {}, warn: () => {}, error: () => {} });
  return createStation(serving.url);
}

const install = async (archive: string, more: { dryRun?: boolean; digest?: string } = {}) =>
  on.client.installBundle({ body: { archive, ...more } });
const refusedFor = (reason: string | RegExp) => ({
  problem: { status: 422, code: "bundle-refused", detail: expect.stringMatching(reason) },
});
const events = async () =>
  (await on.client.listAdminEvents({ query: {} })).items.filter(
    ({ action }) => action === "bundle.installed",
  );

describe("a bundle over the API", () => {
  test("shows what it would do and does nothing, until it is installed; then its workflows run with its agents", async () => {
    const archive = await bundleOf(TRIAGE, { key: signer.privateKey });
    const plan = await install(archive, { dryRun: true });
    expect(plan).toMatchObject({
      name: "triage",
      version: "1.0.0",
      installed: false,
      signedBy: signer.fingerprint,
      changes: Object.keys(TRIAGE)
        .sort()
        .map((path) => ({ path, change: "adds" })),
    });
    expect((await on.client.listBundles({})).items).toEqual([]);
    expect((await on.client.listWorkflows({})).items).toEqual([]);

    const installed = await install(archive, { digest: plan.digest });
    expect(installed.sync?.rows.filter(({ kind }) => kind === "workflow")).toMatchObject([
      { id: "greet-again", result: "created" },
      { id: "greet", result: "created" },
    ]);
    expect((await on.client.listBundles({})).items).toMatchObject([
      { name: "triage", digest: plan.digest, installedBy: "user:local", files: plan.files },
    ]);
    expect(await on.startAndEnd("greet", {}, "default")).toMatchObject({ output: "hello" });
    const { syncState } = await on.client.getWorkflow({ params: { id: "greet" } });
    expect(syncState).toBe("in-sync");
    expect(await events()).toMatchObject([
      { subject: "bundle:default/triage", data: { adds: 3, digest: plan.digest } },
    ]);
  });

  test("that comes again changes nothing, whether or not its key comes with it", async () => {
    const archive = await bundleOf(TRIAGE, { key: signer.privateKey });
    const again = await install(archive);
    expect(again.changes.map(({ change }) => change)).toEqual(["unchanged", "unchanged", "unchanged"]);
    const other = await bundleOf({ "agents/more.prompt": says("more", "more") }, { name: "more" });
    const send = (body: string) =>
      on.client.installBundle({ body: { archive: body }, idempotencyKey: "once" });
    const first = await send(other);
    expect(await send(other)).toEqual(first);
    await expect(send(archive)).rejects.toMatchObject({ problem: { code: "idempotency-key-reused" } });
    expect(await events()).toHaveLength(2);
  });

  test("in a newer version takes the place of the older one, and what it no longer has is disabled", async () => {
    const { "workflows/greet-again.workflow.yaml": _, ...rest } = TRIAGE;
    const newer = { ...rest, "agents/greeter.prompt": says("greeter", "goodday") };
    const { changes } = await install(await bundleOf(newer, { version: "2.0.0" }));
    expect(changes).toEqual([
      { path: "agents/greeter.prompt", change: "replaces" },
      { path: "workflows/greet.workflow.yaml", change: "unchanged" },
      { path: "workflows/greet-again.workflow.yaml", change: "removes" },
    ]);
    // what was read of an agent is good for a second
    await expect.poll(async () => (await on.startAndEnd("greet", {}, "default")).output).toBe("goodday");
    expect(await on.client.getWorkflow({ params: { id: "greet-again" } })).toMatchObject({
      disabled: { because: "file-missing" },
    });
  });

  test("is there after a restart, and stands back behind a file of the deployment's own", async () => {
    on = await started({});
    expect(await on.startAndEnd("greet", {}, "default")).toMatchObject({ output: "goodday" });
    await writeFile(join(place.home, "agents/greeter.prompt"), says("greeter", "own"));
    on = await started({});
    expect(await on.startAndEnd("greet", {}, "default")).toMatchObject({ output: "own" });
  });

  test("is installed beside files that are links, as a cluster mounts them, and not in their place", async () => {
    await writeFile(join(place.home, "mounted"), says("mounted", "mine"));
    await symlink("../mounted", join(place.home, "agents/mounted.prompt"));
    const beside = { "agents/beside.prompt": says("beside", "beside") };
    expect(await install(await bundleOf(beside, { name: "beside" }))).toMatchObject({ installed: true });
    const instead = { "agents/mounted.prompt": says("mounted", "stolen") };
    await expect(install(await bundleOf(instead, { name: "thief" }))).rejects.toMatchObject(
      refusedFor(/deployment's own files/),
    );
  });
});

describe("a bundle is refused", () => {
  test.each([
    ["the deployment's own", { "agents/own.prompt": says("own", "stolen") }, /deployment's own files/],
    [
      "the deployment's own but for case",
      { "agents/OWN.prompt": says("own", "stolen") },
      /deployment's own files/,
    ],
    ["another bundle's", { "agents/more.prompt": says("more", "stolen") }, /of the bundle "more"/],
  ])("when a file of it is %s", async (_, files, reason) => {
    await expect(install(await bundleOf(files, { name: "thief" }), { dryRun: true })).rejects.toMatchObject(
      refusedFor(reason),
    );
  });

  test("when it is no bundle, leads out of its folder, is too much, or is not the one that was meant", async () => {
    await expect(install("AAAA")).rejects.toMatchObject(refusedFor("cannot be read"));
    const stray = await zipArchive.pack([{ path: "agents/a.prompt", bytes: Buffer.from("a") }]);
    await expect(install(Buffer.from(stray).toString("base64"))).rejects.toMatchObject(
      refusedFor("no bundle.json"),
    );
    const large = { "agents/large.prompt": "x".repeat(500_001) };
    await expect(install(await bundleOf(large))).rejects.toMatchObject(refusedFor("500000 are allowed"));
    const archive = await bundleOf(TRIAGE, { name: "other" });
    await expect(install(archive, { digest: "0".repeat(64) })).rejects.toMatchObject({
      problem: { status: 409, code: "digest-mismatch" },
    });
    await expect(
      on.client.installBundle({ body: { archive, environment: "nowhere" } }),
    ).rejects.toMatchObject({ problem: { status: 404, detail: expect.stringContaining("it has default") } });
    await expect(on.client.installBundle({ body: { archive: "A".repeat(6_000_001) } })).rejects.toMatchObject(
      {
        problem: { status: 413 },
      },
    );
  });

  test("where only certain keys are trusted, when none of them signed it", async () => {
    on = await started({ STATION_BUNDLE_KEYS: signer.fingerprint });
    const files = { "workflows/late.workflow.yaml": asks("late", "own") };
    await expect(install(await bundleOf(files, { name: "late" }))).rejects.toMatchObject(
      refusedFor("not signed"),
    );
    const foreign = await bundleOf(files, { name: "late", key: createKeyPair().privateKey });
    await expect(install(foreign)).rejects.toMatchObject(refusedFor("not trusted here"));
    const trusted = await bundleOf(files, { name: "late", key: signer.privateKey });
    expect(await install(trusted)).toMatchObject({ installed: true, signedBy: signer.fingerprint });
  });
});
