import { expect, it } from "vitest";
import { removeDirectory, writeDirectory } from "./support/agents.ts";
import { environmentOf, removeServers, startDistributed, startServers } from "./support/deployment.ts";
import { eventually } from "./support/eventually.ts";
import { launch } from "./support/process.ts";
import { createStation, type Station } from "./support/station.ts";
import { describeDistributed, staged } from "./support/story.ts";

const steps = `id: steps
states:
  - { name: one, type: agent, agent: slow, input: { variables: { ms: 500 } }, next: two }
  - { name: two, type: timer, duration: 0.2s, next: three }
  - { name: three, type: agent, agent: echo, task: done, end: true }
`;

describeDistributed("distributed", () => {
  const scene = staged(() => startDistributed());

  it("NATS that goes away makes it unready; runs are still taken, and go on when it comes back", async () => {
    const { station, deployment } = scene();
    const { nats } = deployment.servers;
    await station.publish(steps);
    const before = await startSome(station);
    await Promise.all(before.map((runId) => station.inHand(runId, "one")));
    await nats.kill();
    await expectQueueAway(station);
    const during = await startSome(station);
    await nats.restart();
    await expectAllDone(station, [...before, ...during]);
    for (const process of deployment.processes)
      expect(process.find("queue disconnected")).toMatchObject({ level: "warn" });
  });

  it("NATS that comes back without anything it kept is given everything again", async () => {
    const { station, deployment } = scene();
    const { nats } = deployment.servers;
    const runIds = await startSome(station);
    await nats.wipe();
    await expectAllDone(station, runIds);
  });
});

describeDistributed("distributed, with NATS away at the start", () => {
  it("takes runs while it waits for NATS, and begins them when NATS comes", async () => {
    const directory = await writeDirectory();
    const servers = await startServers();
    await servers.nats.stop();
    const env = { PORT: "0", ...environmentOf(servers) };
    const processes = [launch("api", { directory, env }), launch("worker", { directory, env })] as const;
    try {
      const [api] = processes;
      const { url } = await api.logged("listening");
      const station = createStation(String(url));
      await expectQueueAway(station);
      for (const process of processes)
        expect(await process.logged("queue not reachable")).toMatchObject({ level: "warn" });
      await station.publish(steps);
      const runIds = await startSome(station);
      await servers.nats.restart();
      await expectAllDone(station, runIds);
    } finally {
      await Promise.all(processes.map((process) => process.kill()));
      await removeServers(servers);
      await removeDirectory(directory);
    }
  });
});

function startSome(station: Station): Promise<readonly string[]> {
  return Promise.all(Array.from({ length: 6 }, () => station.start("steps")));
}

async function expectQueueAway(station: Station): Promise<void> {
  const readiness = await eventually(async () => {
    const answer = await station.get("/readyz");
    return answer.status === 503 && answer;
  });
  expect(readiness.body).toMatchObject({
    detail: expect.stringContaining("the queue is away since"),
    parts: { store: "ok", queue: { error: expect.any(String), since: expect.any(String) } },
  });
  expect(await station.get("/healthz")).toEqual({ status: 200, body: { status: "ok" } });
}

async function expectAllDone(station: Station, runIds: readonly string[]): Promise<void> {
  for (const runId of runIds) {
    expect(await station.ended(runId)).toMatchObject({ status: "COMPLETED", output: { said: "done" } });
    const events = await station.events(runId);
    expect(events.filter(({ type }) => type === "step.succeeded")).toHaveLength(3);
  }
  await eventually(async () => (await station.get("/readyz")).status === 200);
}
