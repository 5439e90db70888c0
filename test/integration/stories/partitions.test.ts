import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type NatsCluster, startNatsCluster } from "../../support/nats-cluster.ts";
import { freePort } from "../../support/server-process.ts";
import { type SqldServer, startSqld } from "../../support/servers.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { removeDirectory, STORIES, writeDirectory } from "./support/agents.ts";
import { eventually } from "./support/eventually.ts";
import { follow, withoutHash } from "./support/following.ts";
import { launch, type StationProcess } from "./support/process.ts";
import { createStation, type Station } from "./support/station.ts";
import { describeDistributed } from "./support/story.ts";

const RUNS = 24;
const PATIENCE_MS = 240_000;
/** Longer than a lease: whoever is silent for it is dead to the others. */
const SILENCE_MS = 5_000;

const march = `id: march
states:
  - { name: one, type: agent, agent: slow, input: { variables: { ms: 400 } }, next: fork }
  - name: fork
    type: parallel
    branches:
      - { name: left, states: [{ name: l1, type: agent, agent: slow, input: { variables: { ms: 700 } }, next: l2 }, { name: l2, type: agent, agent: echo, task: left, end: true }] }
      - { name: right, states: [{ name: r1, type: agent, agent: slow, input: { variables: { ms: 300 } }, next: r2 }, { name: r2, type: agent, agent: slow, input: { variables: { ms: 500 } }, end: true }] }
    next: two
  - { name: two, type: agent, agent: slow, input: { variables: { ms: 600 } }, next: three }
  - { name: three, type: timer, duration: 1s, next: four }
  - { name: four, type: agent, agent: slow, input: { variables: { ms: 400 } }, end: true }
`;

describeDistributed("two APIs, three workers, three JetStream nodes with TLS, and sqld", () => {
  let directory: string;
  let nats: NatsCluster;
  let sqld: SqldServer;
  let balancer: TcpProxy;
  let cable: TcpProxy;
  let station: Station;
  const processes = new Map<string, StationProcess>();
  const ports = new Map<string, number>();

  /** Starts a program again under its name; the third worker reaches the database by a cable that can be cut. */
  async function start(name: string): Promise<void> {
    const program = name.startsWith("api") ? "api" : "worker";
    const database = name === "worker3" ? `http://127.0.0.1:${cable.port}` : sqld.url;
    const process = launch(program, {
      directory,
      env: {
        PORT: String(ports.get(name) ?? 0),
        STATION_AUTH: "off",
        STATION_DATABASE_URL: database,
        STATION_NATS_URL: nats.servers.join(","),
        STATION_NATS_REPLICAS: "3",
        STATION_NATS_CREDS: nats.identities.creds(),
        STATION_NATS_TLS_CA_FILE: nats.certificates.ca,
        STATION_WORKER_CONCURRENCY: "16",
      },
    });
    await process.logged(program === "api" ? "listening" : "working");
    processes.set(name, process);
  }
  const named = (name: string) => processes.get(name) ?? expect.unreachable(name);

  beforeAll(async () => {
    directory = await writeDirectory();
    [nats, sqld] = await Promise.all([startNatsCluster(), startSqld()]);
    cable = await startProxy([sqld.port]);
    for (const name of ["api1", "api2"]) ports.set(name, await freePort());
    balancer = await startProxy([...ports.values()]);
    for (const name of ["api1", "api2", "worker1", "worker2", "worker3"]) await start(name);
    station = createStation(`http://127.0.0.1:${balancer.port}`);
    await station.publish(march);
  });
  afterAll(async () => {
    await Promise.all([...processes.values()].map((process) => process.kill()));
    await Promise.all([balancer.close(), cable.close(), sqld.kill()]);
    await Promise.all([nats.remove(), sqld.remove(), removeDirectory(directory)]);
  });

  it("are killed, stopped and cut off in turn: no run is lost, no step succeeds twice, and who follows misses nothing", {
    timeout: PATIENCE_MS,
  }, async () => {
    const following: ReturnType<typeof follow>[] = [];
    // Who follows goes on through the balancer, whichever API is there.
    const startSome = async () => {
      const some = Array.from({ length: RUNS / 4 }, async () => {
        const runId = await eventually(() => station.start("march", {}, STORIES).catch(() => null));
        following.push(follow(station, runId));
      });
      await Promise.all(some);
      await Promise.all(following.map(({ caughtUp }) => caughtUp));
    };

    await startSome();
    await named("worker1").kill();
    await start("worker1");

    await startSome();
    // It comes back with steps in hand that others have taken over meanwhile.
    process.kill(named("worker2").pid, "SIGSTOP");
    await named("api1").kill();
    await delay(SILENCE_MS);
    process.kill(named("worker2").pid, "SIGCONT");
    await start("api1");

    await startSome();
    cable.partition();
    const [, node] = [...nats.nodes][0] ?? expect.unreachable("a node");
    await node.kill();
    await delay(SILENCE_MS);
    cable.heal();
    await node.restart();

    await startSome();
    await named("api2").kill();
    await sqld.kill();
    await sqld.restart();
    await start("api2");

    const reconnects = following.map(({ reconnects: all }) => all);
    for (const { runId, all } of following) {
      const told = await all;
      const kept = await station.events(runId);
      expect(told.map(withoutHash)).toEqual(kept.map(withoutHash));
      expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, index) => index + 1));
      expect([runId, told.at(-1)?.type]).toEqual([runId, "run.completed"]);
      const succeeded = kept.filter(({ type }) => type === "step.succeeded").map(({ stepId }) => stepId);
      expect(new Set(succeeded).size).toBe(succeeded.length);
      // Seven agents, the fork and the timer.
      expect(
        new Set(kept.filter(({ type }) => type === "step.succeeded").map(({ state }) => state)).size,
      ).toBe(9);
    }
    expect(reconnects.flat().length).toBeGreaterThan(0);
    console.info(`${following.length} runs, ${reconnects.flat().length} streams went on elsewhere`);
  });
});
