import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Client, createClient } from "../../../src/http/client.ts";
import { startReceiver } from "../../support/receiver.ts";
import { eventually } from "../stories/support/eventually.ts";
import { launchCommand, type StationProcess } from "../stories/support/process.ts";

/** The run is there, has failed, is noted, taken, settled. */
const COMMITS = 5;
const all = Array.from({ length: COMMITS }, (_, index) => [
  `before:${index + 1}`,
  `after:${index + 1}`,
]).flat();
/** Every point takes two starts of the program: all of them with STATION_TEST_ALL=true, else around the sending. */
const points = process.env["STATION_TEST_ALL"] === "true" ? all : ["after:4", "before:5"];

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));
const doomed = `id: doomed
states:
  - { name: choose, type: switch, conditions: [{if: "1 > 2", next: done}] }
  - { name: done, type: inject, data: {}, end: true }
`;

test("SIGKILL at a commit: what happened is told, under one id", { timeout: 120_000 }, async () => {
  for (let from = 0; from < points.length; from += 2)
    await Promise.all(points.slice(from, from + 2).map((point) => killedAt(point)));
});

async function killedAt(point: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "station-notify-"));
  const receiver = await startReceiver();
  const processes: StationProcess[] = [];
  const start = (crash: Readonly<Record<string, string>> = {}, preload: readonly string[] = []) => {
    const env = {
      PORT: "0",
      STATION_DATA_DIR: "data",
      STATION_UI: "off",
      STATION_SECRET_KEYS: "k".repeat(32),
      STATION_OUTGOING_ALLOWED: "127.0.0.1",
      ...crash,
    };
    const started = launchCommand([process.execPath, ...preload, path("src/main/api.ts")], {
      directory,
      env,
    });
    processes.push(started);
    return started;
  };
  try {
    const first = start({ CRASH_AT: point }, ["--import", path("test/support/crash-at.ts")]);
    const client = await clientOf(first);
    await client.createWorkflow({ body: { definition: doomed } });
    await client.createSubscription({
      body: { name: "ops", types: ["run.failed"], channel: { kind: "webhook", url: receiver.url } },
    });
    await client.startRun({ body: { workflowId: "doomed" } }).catch(() => {});
    const told = settled(client).catch(() => null);
    const ended = await Promise.race([first.ended.then(() => "killed"), told.then(() => "told")]);
    expect(ended, point).toBe("killed");

    const second = await clientOf(start());
    const { items } = await second.listRuns({});
    if (items.length === 0) await second.startRun({ body: { workflowId: "doomed" } });
    const [delivery] = await settled(second);
    expect(delivery, point).toMatchObject({ status: "DELIVERED", type: "run.failed" });
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids), point).toEqual(new Set([delivery?.notificationId]));
    expect(ids.length, point).toBeLessThanOrEqual(2);
  } finally {
    await Promise.all(processes.map((one) => one.kill()));
    await receiver.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function clientOf(started: StationProcess): Promise<Client> {
  const { url } = await started.logged("listening");
  return createClient({ baseUrl: String(url) });
}

/** The deliveries, once there is one and each has arrived. */
function settled(client: Client) {
  return eventually(async () => {
    const page = await client.listNotifications({}).catch(() => null);
    const items = page?.items ?? [];
    return items.length > 0 && items.every(({ status }) => status === "DELIVERED") && items;
  });
}
