import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type Client, createClient } from "../../../src/http/client.ts";
import { eventually } from "./support/eventually.ts";
import { launchCommand, type StationProcess } from "./support/process.ts";

const calling = `id: calling
states:
  - { name: call, type: workflow, workflow: called, input: { variables: { n: 1 } }, end: true }
`;
const answering = `id: called
states: [{ name: answer, type: inject, data: { n: "{{ input.n }}" }, end: true }]
`;
const waiting = `id: called
states: [{ name: wait, type: signal, signal: go, end: true }]
`;

/** The run is there, has called, what it called is there, has ended, is taken note of. */
const ANSWERED = points(5, ["after:2", "after:4"]);
/** The run is there, has called, what it called is there, waits; the one is cancelled, and then the other. */
const CANCELLED = points(6, ["after:5", "before:6"]);

/** Every point takes two starts of the program: all of them with STATION_TEST_ALL=true, else the gaps between two runs. */
function points(commits: number, few: readonly string[]): readonly string[] {
  const all = Array.from({ length: commits }, (_, index) => [`before:${index + 1}`, `after:${index + 1}`]);
  return process.env["STATION_TEST_ALL"] === "true" ? all.flat() : few;
}

test("SIGKILL at a commit: a called run is started once, and its end reaches the step that waits for it", async () => {
  await twoAtOnce(ANSWERED, (point) =>
    killedAt(point, answering, async (client) => {
      const run = await ended(client, "calling");
      expect(run, point).toMatchObject({ status: "COMPLETED", output: { n: 1 } });
    }),
  );
}, 240_000);

test("SIGKILL at a commit: whoever is cancelled takes the run it has called with it", async () => {
  await twoAtOnce(CANCELLED, (point) =>
    killedAt(point, waiting, async (client) => {
      await cancelled(client);
      expect(await ended(client, "calling"), point).toMatchObject({ status: "CANCELLED" });
      expect(await ended(client, "called"), point).toMatchObject({ status: "CANCELLED" });
    }),
  );
}, 240_000);

async function twoAtOnce(all: readonly string[], each: (point: string) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += 2) await Promise.all(all.slice(from, from + 2).map(each));
}

/** Kills the program at a commit and goes on with another; `check` is given the one that goes on. */
async function killedAt(
  point: string,
  called: string,
  check: (client: Client) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "station-calls-"));
  const processes: StationProcess[] = [];
  const start = (crash: Readonly<Record<string, string>>) => {
    const env = { PORT: "0", STATION_DATA_DIR: "data", STATION_UI: "off", ...crash };
    const preload = ["--import", path("test/support/crash-at.ts")];
    const started = launchCommand([process.execPath, ...preload, path("src/main/api.ts")], {
      directory,
      env,
    });
    processes.push(started);
    return started;
  };
  try {
    const first = start({ CRASH_AT: point });
    const client = await clientOf(first);
    await client.createWorkflow({ body: { definition: called } });
    await client.createWorkflow({ body: { definition: calling } });
    await client.startRun({ body: { workflowId: "calling" } }).catch(() => {});
    // Nobody answers, or what was asked for was kept by then.
    const done = (called === waiting ? cancelled(client) : ended(client, "calling")).catch(() => {});
    expect((await first.ended).signal, point).toBe("SIGKILL");
    await done;

    const second = await clientOf(start({}));
    const { items } = await second.listRuns({ query: { workflowId: "calling" } });
    if (items.length === 0) await second.startRun({ body: { workflowId: "calling" } });
    await check(second);
    for (const workflowId of ["calling", "called"])
      expect((await second.listRuns({ query: { workflowId } })).items, point).toHaveLength(1);
  } finally {
    await Promise.all(processes.map((one) => one.kill()));
    await rm(directory, { recursive: true, force: true });
  }
}

/** The one run of a workflow, once it has ended. */
function ended(client: Client, workflowId: string) {
  return eventually(async () => {
    const { items } = await client.listRuns({ query: { workflowId } });
    const run = items[0] && (await client.getRun({ params: { runId: items[0].runId } }));
    return run?.finishedAt && run;
  });
}

/** The calling run is cancelled, once the one it has called waits. */
async function cancelled(client: Client): Promise<void> {
  await eventually(async () => {
    const [called] = (await client.listRuns({ query: { workflowId: "called" } })).items;
    return called?.status === "WAITING_SIGNAL" || called?.finishedAt;
  });
  const [calling] = (await client.listRuns({ query: { workflowId: "calling" } })).items;
  await client.cancelRun({ params: { runId: calling?.runId ?? "" }, body: {} }).catch(() => {});
}

async function clientOf(started: StationProcess): Promise<Client> {
  const { url } = await started.logged("listening");
  return createClient({ baseUrl: String(url) });
}

function path(relative: string): string {
  return fileURLToPath(new URL(`../../../${relative}`, import.meta.url));
}
