import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { createClient } from "../../../src/http/client.ts";
import { launchCommand, type StationProcess } from "../stories/support/process.ts";
import { bundleOf, environmentWith, TRIAGE } from "./scene.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

let place: Awaited<ReturnType<typeof environmentWith>> | undefined;
const processes: StationProcess[] = [];
afterEach(async () => {
  await Promise.all(processes.splice(0).map((one) => one.kill()));
  await place?.remove();
});

/** Starts the whole of Station; `crash` says at which commit of the install it dies. */
async function start(directory: string, crash?: string) {
  const preload = ["--import", path("src/main/keep-compiled.ts")];
  if (crash !== undefined) preload.push("--import", path("test/support/crash-at.ts"));
  const tables = "environment_installs|workflow_definitions|admin_events";
  const started = launchCommand([process.execPath, ...preload, path("src/main/api.ts")], {
    directory,
    env: {
      PORT: "0",
      STATION_DATA_DIR: "data",
      STATION_UI: "off",
      ...(crash === undefined ? {} : { CRASH_AT: crash, CRASH_TABLES: tables }),
    },
  });
  processes.push(started);
  const { url } = await started.logged("listening");
  return { process: started, client: createClient({ baseUrl: String(url) }) };
}

/** Every point takes two starts of the program: all of them with STATION_TEST_ALL=true, else one in so many. */
const EVERY = process.env["STATION_TEST_ALL"] === "true" ? 1 : 3;

/** The first commit tells of the settings; those of the install: the bundle, two workflows, the sync's event. */
const POINTS = [2, 3, 4, 5].flatMap((nth) => [`before:${nth}`, `after:${nth}`]);

describe("SIGKILL at a commit of an install: after a restart all of the bundle is there, or nothing", () => {
  test.each(POINTS.filter((_, index) => index % EVERY === 0))("%s", async (point) => {
    place = await environmentWith();
    const archive = await bundleOf(TRIAGE);
    const send = (client: ReturnType<typeof createClient>) =>
      client.installBundle({ body: { archive }, idempotencyKey: "install" });
    const first = await start(place.directory, point);
    await expect(send(first.client)).rejects.toThrow();
    expect((await first.process.ended).signal).toBe("SIGKILL");

    const { client } = await start(place.directory);
    const seen = async () => ({
      bundles: (await client.listBundles({})).items.map(({ name }) => name),
      agents: (await client.listAgents({ query: {} })).items.map(({ name }) => name),
      workflows: (await client.listWorkflows({})).items.map(({ id, status }) => `${id} ${status}`),
    });
    const nothing = { bundles: [], agents: [], workflows: [] };
    const whole = {
      bundles: ["triage"],
      agents: ["greeter"],
      workflows: ["greet active", "greet-again active"],
    };
    expect(await seen()).toEqual(point === "before:2" ? nothing : whole);
    expect(await send(client)).toMatchObject({ installed: true });
    expect(await seen()).toEqual(whole);
    const { items } = await client.listAdminEvents({ query: {} });
    expect(items.filter(({ action }) => action === "bundle.installed")).toHaveLength(1);
  });
});
