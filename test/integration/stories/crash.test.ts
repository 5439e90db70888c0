import { describe, expect, it } from "vitest";
import { startDistributed, startEmbedded } from "./support/deployment.ts";
import { expectWholeStory, follow } from "./support/following.ts";
import {
  expectSameAs,
  runningAgainAt,
  startAndReachTheMiddle,
  undisturbedRun,
} from "./support/interrupted.ts";
import { describeDistributed, staged } from "./support/story.ts";
import { expectToGoOn, startWaiting } from "./support/waiting.ts";

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
  const scene = staged(() => startDistributed());

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
