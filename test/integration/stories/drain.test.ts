import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { RunEventItem } from "../../../src/http/schemas/runs.ts";
import { startDistributed, startEmbedded } from "./support/deployment.ts";
import { eventually } from "./support/eventually.ts";
import { describeDistributed, staged } from "./support/story.ts";

const twoSteps = `id: two-steps
states:
  - { name: busy, type: agent, agent: slow, input: { variables: { ms: 1500 } }, next: after }
  - { name: after, type: agent, agent: echo, task: done, end: true }
`;

describe("embedded", () => {
  const scene = staged(() => startEmbedded());

  it("a process that is told to stop finishes the step in hand, and the next one goes on behind it", async () => {
    const { station, deployment } = scene();
    const process = deployment.processes[0] ?? expect.unreachable();
    await station.publish(twoSteps);
    const runId = await station.start("two-steps");
    await station.inHand(runId, "busy");
    const { stepId } = await station.step(runId, "busy");
    expect(await process.stop()).toEqual({ code: 0, signal: null });
    expect(process.find("stopping", { signal: "SIGTERM" })).toBeDefined();
    expect(process.find("step executed", { step_id: stepId })).toMatchObject({ status: "completed" });
    await deployment.restart(process);
    expect(await station.ended(runId)).toMatchObject({ status: "COMPLETED", output: { said: "done" } });
    expect(timesBegun(await station.events(runId), "busy")).toBe(1);
  });

  it("a process that is told to stop answers the request it has in hand", async () => {
    const { station, deployment } = scene();
    const process = deployment.processes[0] ?? expect.unreachable();
    const waiting = station.client.startRun({
      body: { workflowId: "two-steps", environment: "stories", labels: { asks: "and-waits" } },
      headers: { prefer: "wait=20" },
    });
    await eventually(
      async () => (await station.client.listRuns({ query: { q: "and-waits" } })).items.length > 0,
    );
    const [, answer] = await Promise.all([process.stop(), waiting]);
    expect(answer).toMatchObject({ workflowId: "two-steps" });
    await deployment.restart(process);
    expect(await station.ended(answer.runId)).toMatchObject({ status: "COMPLETED" });
  });

  it("a process that is told to stop is not held up by a connection that somebody opened and never used", async () => {
    const { deployment } = scene();
    const process = deployment.processes[0] ?? expect.unreachable();
    const socket = connect(Number(new URL(deployment.url).port), "127.0.0.1");
    await once(socket, "connect");
    const toldAt = Date.now();
    expect(await process.stop()).toEqual({ code: 0, signal: null });
    expect(Date.now() - toldAt).toBeLessThan(5000);
    socket.destroy();
  });
});

describeDistributed("distributed", () => {
  const scene = staged(() => startDistributed());

  it("a worker that is told to stop finishes its step, and the other one does the rest", async () => {
    const { station, deployment } = scene();
    await station.publish(twoSteps);
    const runId = await station.start("two-steps");
    const { worker } = await station.inHand(runId, "busy");
    const holder =
      deployment.processes.find(({ pid }) => worker.includes(`:${pid}:`)) ?? expect.unreachable();
    expect(await holder.stop()).toEqual({ code: 0, signal: null });
    expect(await station.ended(runId)).toMatchObject({ status: "COMPLETED", output: { said: "done" } });
    expect(timesBegun(await station.events(runId), "busy")).toBe(1);
  });
});

function timesBegun(events: readonly RunEventItem[], state: string): number {
  return events.filter((event) => event.state === state && /^step\.(started|reclaimed)$/.test(event.type))
    .length;
}
