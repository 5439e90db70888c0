import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { removeDirectory, writeDirectory } from "./support/agents.ts";
import {
  environmentOf,
  removeServers,
  startDistributed,
  startEmbedded,
  startServers,
} from "./support/deployment.ts";
import { eventually } from "./support/eventually.ts";
import { launch } from "./support/process.ts";
import { createStation, type Station } from "./support/station.ts";
import { describeDistributed, staged } from "./support/story.ts";

const busy = `id: busy
states:
  - name: each
    type: foreach
    itemsPath: ctx.numbers
    itemName: ms
    iterator: { agent: slow, input: { variables: { ms: "{{ ms }}" } } }
    next: after
  - { name: after, type: agent, agent: echo, task: done, end: true }
`;
const input = { numbers: [100, 400, 700, 400] };

const prlimit = findPrlimit();

describe("embedded", () => {
  const scene = staged(() => startEmbedded());

  it.skipIf(prlimit === null)(
    "a database file that cannot be written makes it unready, and nothing is lost",
    async () => {
      const { station, deployment } = scene();
      const pid = deployment.processes[0]?.pid;
      const limitFiles = (bytes: string) =>
        execFileSync(prlimit ?? "", [`--pid=${pid}`, `--fsize=${bytes}:`]);
      await station.publish(busy);
      const runIds = await startSome(station);
      limitFiles("0");
      await expectAway(station);
      expect(await deployment.processes[0]?.logged("lease not renewed")).toMatchObject({
        level: "warn",
        error: expect.stringContaining("the database did not answer"),
      });
      limitFiles("unlimited");
      await expectAllDone(station, runIds);
    },
  );
});

describe("embedded, with a full disk at the start", () => {
  it.skipIf(prlimit === null)(
    "answers that it is alive and not ready, and begins when there is room",
    async () => {
      const directory = await writeDirectory();
      const api = launch("api", { directory, env: { PORT: "0" } }, [prlimit ?? "", "--fsize=0:"]);
      try {
        const { url } = await api.logged("answering, not ready yet");
        await expectAway(createStation(String(url)));
        execFileSync(prlimit ?? "", [`--pid=${api.pid}`, "--fsize=unlimited:"]);
        await api.logged("listening", { url });
      } finally {
        await api.kill();
        await removeDirectory(directory);
      }
    },
  );
});

describeDistributed("distributed", () => {
  const scene = staged(() => startDistributed());

  it("sqld that goes away makes it unready, and nothing is lost when it comes back", async () => {
    const { station, deployment } = scene();
    await station.publish(busy);
    const runIds = await startSome(station);
    await deployment.servers.sqld.kill();
    await expectAway(station);
    for (const process of deployment.processes)
      expect(await process.logged("lease not renewed")).toMatchObject({ level: "warn" });
    await deployment.servers.sqld.restart();
    await expectAllDone(station, runIds);
  });
});

describeDistributed("distributed, with sqld away at the start", () => {
  it("answers that it is alive and not ready, and begins when sqld comes", async () => {
    const directory = await writeDirectory();
    const servers = await startServers();
    await servers.sqld.stop();
    const env = { PORT: "0", ...environmentOf(servers) };
    const processes = [launch("api", { directory, env }), launch("worker", { directory, env })] as const;
    try {
      const [api, worker] = processes;
      const { url } = await api.logged("answering, not ready yet");
      const station = createStation(String(url));
      await expectAway(station);
      for (const process of processes)
        expect(await process.logged("database not reachable")).toMatchObject({ level: "warn" });
      await servers.sqld.restart();
      await Promise.all([api.logged("listening", { url }), worker.logged("working")]);
      expect(await station.get("/readyz")).toMatchObject({ status: 200 });
      const run = await station.startAndEnd("incident-triage", { namespace: "shop", service: "api" }, "calm");
      expect(run).toMatchObject({ status: "COMPLETED" });
    } finally {
      await Promise.all(processes.map((process) => process.kill()));
      await removeServers(servers);
      await removeDirectory(directory);
    }
  });

  it("ends in good order when it is told to stop before sqld has come", async () => {
    const directory = await writeDirectory();
    const env = {
      PORT: "0",
      STATION_DATABASE_URL: "http://127.0.0.1:9",
      STATION_NATS_URL: "nats://127.0.0.1:9",
    };
    const processes = [launch("api", { directory, env }), launch("worker", { directory, env })];
    for (const process of processes) {
      await process.logged("database not reachable");
      expect(await process.stop()).toEqual({ code: 0, signal: null });
    }
    await removeDirectory(directory);
  });
});

async function startSome(station: Station): Promise<readonly string[]> {
  const runIds = await Promise.all(Array.from({ length: 6 }, () => station.start("busy", input)));
  await Promise.all(runIds.map((runId) => station.inHand(runId, "slow")));
  return runIds;
}

/** Alive, not ready, and saying which part is missing; what is asked of it is refused with 503. */
async function expectAway(station: Station): Promise<void> {
  const readiness = await eventually(async () => {
    const answer = await station.get("/readyz");
    return answer.status === 503 && answer;
  });
  expect(readiness.body).toMatchObject({
    code: "unavailable",
    detail: expect.stringContaining("the store is away since"),
    parts: { store: { error: expect.any(String), since: expect.any(String) }, queue: "ok" },
  });
  expect(await station.get("/healthz")).toEqual({ status: 200, body: { status: "ok" } });
  const refused = await station.post("/api/v1/workflow-runs", { workflowId: "busy", environment: "stories" });
  expect(refused).toMatchObject({ status: 503, body: { code: "unavailable", part: "store" } });
}

async function expectAllDone(station: Station, runIds: readonly string[]): Promise<void> {
  await eventually(async () => (await station.get("/readyz")).status === 200);
  for (const runId of runIds) {
    expect(await station.ended(runId)).toMatchObject({ status: "COMPLETED", output: { said: "done" } });
    const events = await station.events(runId);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    const done = events.filter(({ type }) => type === "step.succeeded").map(({ stepId }) => stepId);
    expect(done).toHaveLength(new Set(done).size);
  }
}

/** Limits the files a process may write, and lifts the limit again: a full disk without filling one. */
function findPrlimit(): string | null {
  const found = ["/usr/bin/prlimit", "/bin/prlimit"].find((path) => existsSync(path));
  if (found !== undefined) return found;
  process.stderr.write(
    "\n!!! SKIPPED: a database file that cannot be written\n!!! prlimit is not installed\n\n",
  );
  return null;
}
