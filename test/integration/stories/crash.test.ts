import { describe, expect, it } from "vitest";
import { startReceiver } from "../../support/receiver.ts";
import { STORIES } from "./support/agents.ts";
import { startDistributed, startEmbedded } from "./support/deployment.ts";
import { eventually } from "./support/eventually.ts";
import { expectWholeStory, follow } from "./support/following.ts";
import {
  expectSameAs,
  runningAgainAt,
  startAndReachTheMiddle,
  undisturbedRun,
} from "./support/interrupted.ts";
import { describeDistributed, staged } from "./support/story.ts";
import { expectToGoOn, startWaiting } from "./support/waiting.ts";

const doomed = `id: doomed
states:
  - { name: choose, type: switch, conditions: [{if: "1 > 2", next: done}] }
  - { name: done, type: inject, data: {}, end: true }
`;

describe("embedded", () => {
  const scene = staged(() => startEmbedded());

  it("a process that is killed in the middle of a step goes on where it was within 2 s of its restart", async () => {
    const { station, deployment } = scene();
    const undisturbed = await undisturbedRun(station);
    const runId = await startAndReachTheMiddle(station);
    const before = await station.events(runId);
    await deployment.processes[0]?.kill();
    await deployment.restart(deployment.processes[0] ?? expect.unreachable());
    // How long the program takes to load is the machine's affair.
    const restartedAt = Date.now();
    await expectSameAs(station, undisturbed, runId, before);
    expect(await runningAgainAt(station, runId)).toBeLessThanOrEqual(restartedAt + 2000);
  });

  it("what a run waits for outlives the process: times, retries, people, signals that came early", async () => {
    const { station, deployment } = scene();
    const runIds = await startWaiting(station);
    await deployment.processes[0]?.kill();
    await deployment.restart(deployment.processes[0] ?? expect.unreachable());
    await expectToGoOn(station, runIds);
  });

  it("a client that follows a run over a crash of the server misses nothing and sees nothing twice", async () => {
    const { station, deployment } = scene();
    const seen = follow(station, await startAndReachTheMiddle(station));
    await seen.caughtUp;
    await deployment.processes[0]?.kill();
    await deployment.restart(deployment.processes[0] ?? expect.unreachable());
    await expectWholeStory(station, seen);
  });
});

describeDistributed("distributed", () => {
  // Whoever waited for the end of the lease would be later than what is asked for.
  const scene = staged(() => startDistributed({ STATION_LEASE_SECONDS: "3" }));

  it("a worker that is killed in the middle of a step is relieved by another within 2 s", async () => {
    const { station, deployment } = scene();
    const undisturbed = await undisturbedRun(station);
    const runId = await startAndReachTheMiddle(station);
    const { worker } = await station.inHand(runId, "work");
    const before = await station.events(runId);
    const holder =
      deployment.processes.find(({ pid }) => worker.includes(`:${pid}:`)) ?? expect.unreachable();
    await holder.kill();
    const killedAt = Date.now();
    await expectSameAs(station, undisturbed, runId, before);
    expect(await runningAgainAt(station, runId)).toBeLessThanOrEqual(killedAt + 2000);
    const events = await station.events(runId);
    expect(events.filter(({ type, state }) => type === "step.reclaimed" && state === "work")).toHaveLength(1);
    await deployment.restart(holder);
  });

  it("what workers had told, and could not write down before they were killed, is told again under the same id", async () => {
    const { station, deployment } = scene();
    const receiver = await startReceiver();
    let isThere = false;
    receiver.answers(() => (isThere ? { status: 200 } : new Promise(() => {})));
    await station.publish(doomed);
    await station.client.createSubscription({
      body: {
        name: "killed",
        environment: STORIES,
        types: ["run.failed"],
        channel: { kind: "webhook", url: receiver.url },
      },
    });
    await station.start("doomed");
    await eventually(async () => receiver.received.length > 0);
    const workers = deployment.processes.slice(1);
    await Promise.all(workers.map((process) => process.kill()));
    isThere = true;
    const killedAt = Date.now();
    await Promise.all(workers.map((process) => deployment.restart(process)));
    await eventually(async () => receiver.received.length > 1);
    // A process that is silent for its lease is gone; nobody waits for what it took to be due again.
    expect(Date.now() - killedAt).toBeLessThan(20_000);
    const [first, again] = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(again).toBe(first);
    const query = { subscription: "killed" };
    await eventually(async () => {
      const { items } = await station.client.listNotifications({ query });
      return items.every(({ status }) => status === "DELIVERED");
    });
    await receiver.close();
  });

  it("what a run waits for outlives all processes: times, retries, people, signals that came early", async () => {
    const { station, deployment } = scene();
    const runIds = await startWaiting(station);
    const killed = [...deployment.processes];
    await Promise.all(killed.map((process) => process.kill()));
    await Promise.all(killed.map((process) => deployment.restart(process)));
    await expectToGoOn(station, runIds);
  });

  it("a client that follows a run over a crash of the API misses nothing and sees nothing twice", async () => {
    const { station, deployment } = scene();
    const seen = follow(station, await startAndReachTheMiddle(station));
    await seen.caughtUp;
    await deployment.processes[0]?.kill();
    await deployment.restart(deployment.processes[0] ?? expect.unreachable());
    await expectWholeStory(station, seen);
  });
});
