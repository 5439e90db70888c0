import { cp, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { watchEnvironments } from "../../../src/adapters/files/watch.ts";
import type { Log } from "../../../src/engine/ports.ts";
import { loadConfig } from "../../../src/main/config.ts";
import { type Serving, startServing } from "../../../src/main/serve.ts";
import { quick } from "../http/definitions.ts";
import { createWorld, type World } from "../http/world.ts";
import { stnFor } from "./stn.ts";

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
let dir: string;
let serving: Serving;
let world: World;
let stn: ReturnType<typeof stnFor>;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "station-sync-"));
  await cp("environments", join(dir, "environments"), { recursive: true });
  const env = { PORT: "0", STATION_DATA_DIR: dir, STATION_ENVIRONMENTS_DIR: join(dir, "environments") };
  const loaded = loadConfig(env);
  if (!loaded.ok) throw new Error("the configuration is wrong");
  serving = await startServing(loaded.config, silent);
  world = await createWorld();
  stn = stnFor(world, { server: { ok: true, url: serving.url, isGiven: true, apiKey: null }, fetch });
});
afterAll(async () => {
  await serving.close();
  await world.close();
  await rm(dir, { recursive: true });
});

const file = (name: string) => join(dir, "environments/default/workflows", name);

it("says what is the same, what is new, what is wrong, and changes nothing when it is only asked", async () => {
  const same = await stn.run(["sync"]);
  expect(same.code).toBe(0);
  expect(same.out).toMatch(
    /^unchanged\tworkflow\tincident-triage\tv1\tworkflows\/incident-triage.workflow.yaml\t$/m,
  );
  expect(same.err).toBe("default: 0 changed\n");

  await writeFile(file("quick.workflow.yaml"), quick("quick"));
  await writeFile(file("broken.workflow.yaml"), "id: broken\nstates:\n  - name: a\n    type: nonsense\n");
  const asked = await stn.run(["sync", "default", "--dry-run"], {
    isTty: true,
    columns: 100,
    env: { NO_COLOR: "1" },
  });
  expect(asked.code).toBe(3);
  expect(asked.out).toMatch(/^\+ +workflow +quick +v1 /m);
  expect(asked.out).toMatch(/^✕ +workflow /m);
  expect(asked.err).toMatch(/broken.workflow.yaml:\d+:\d+ error\[unknown-state-type\]/);
  expect(asked.err).toContain("default: 1 would change, 1 invalid");

  const done = await stn.run(["sync", "--json"]);
  expect(JSON.parse(done.out)).toMatchObject({ environment: "default", dryRun: false });
  expect((await stn.run(["workflow", "list", "-o", "id"])).out).toContain("quick\n");
}, 20_000);

it("takes a saved file by itself, tells what became of it, and ends with Ctrl-C", async () => {
  const watch = stnFor(world, {
    server: { ok: true, url: serving.url, isGiven: true, apiKey: null },
    fetch,
    environmentsDir: join(dir, "environments"),
    watch: async (changed) => (await watchEnvironments(join(dir, "environments"), changed)).stop,
  }).call(["sync", "--watch"], { isTty: true, columns: 100, env: { NO_COLOR: "1" } });
  const said = (text: RegExp) =>
    vi.waitFor(() => expect(watch.terminal.out() + watch.terminal.err()).toMatch(text), { timeout: 20_000 });
  await said(/watching .*default; Ctrl-C ends it/);
  await writeFile(file("watched.workflow.yaml"), quick("watched"));
  await said(/^\+ +workflow +watched +v1 /m);
  // as editors do that write beside the file and rename
  await writeFile(file(".watched.tmp"), quick("watched").replace("ok: true", "ok: false"));
  await rename(file(".watched.tmp"), file("watched.workflow.yaml"));
  await said(/^~ +workflow +watched +v1 → v2 /m);
  await writeFile(file("watched.workflow.yaml"), quick("watched").replace("type: inject", "type: injekt"));
  await said(/watched.workflow.yaml:\d+:\d+ error\[unknown-state-type\]/);
  await rm(file("watched.workflow.yaml"));
  await said(/^- +workflow +watched +v2 .*its file is gone/m);
  watch.interrupt.abort();
  expect((await watch.done).code).toBe(0);
}, 90_000);
