import { describe, expect, it } from "vitest";
import type { RunEventItem } from "../../../../src/http/schemas/runs.ts";
import type { Station } from "../support/station.ts";
import type { Story } from "../support/story.ts";

type Go = (station: Station, runId: string) => Promise<unknown>;

/** A place where a run can be stopped: how to know that it is there, and what makes it go on. */
type Stage = { readonly state: string; readonly ready: Go; readonly go: Go };

const nothing: Go = async () => {};
const entered: Go = (station, runId) => station.entered(runId, "here");
const approve: Go = async (station, runId) => {
  const { approvalId } = await station.asked(runId);
  await station.client.approve({ params: { approvalId } });
};
const started =
  (branch: string): Go =>
  (station, runId) =>
    station.seen(runId, (event) => event.type === "step.started" && event.branch === branch);

const stages: Readonly<Record<string, Stage>> = {
  "while an agent works": {
    state: "type: agent, agent: slow, input: { variables: { ms: 3000 } }",
    ready: (station, runId) => station.inHand(runId, "here"),
    go: (station, runId) => station.seen(runId, ({ type }) => type === "step.succeeded"),
  },
  "while it waits for a person": { state: "type: approval, message: Well?", ready: entered, go: approve },
  "while it waits for a signal": {
    state: "type: signal, signal: go",
    ready: entered,
    go: (station, runId) => station.client.signalRun({ params: { runId }, body: { name: "go" } }),
  },
  "while a timer runs": { state: "type: timer, duration: 3s", ready: entered, go: nothing },
  "between two attempts": {
    state: "type: agent, agent: flaky, retry: { maxAttempts: 3, backoffSeconds: 1.5, jitter: false }",
    ready: (station, runId) => station.seen(runId, ({ type }) => type === "step.failed"),
    go: nothing,
  },
  "while branches run": {
    state:
      "type: parallel, branches: [{ name: a, agent: slow, input: { variables: { ms: 3000 } } }, { name: b, states: [{ name: ask, type: approval, message: Well?, end: true }] }]",
    ready: started("here/a"),
    go: approve,
  },
  "inside a foreach": {
    state:
      "type: foreach, itemsPath: ctx.numbers, itemName: ms, maxConcurrency: 1, iterator: { agent: slow, input: { variables: { ms: '{{ ms }}' } } }",
    ready: started("here/1"),
    go: nothing,
  },
  "inside a try": {
    state:
      "type: try, try: [{ name: ask, type: approval, message: Well?, end: true }], finally: [{ name: tidy, type: inject, data: { tidy: true }, end: true }]",
    ready: (station, runId) => station.asked(runId),
    go: approve,
  },
};

const input = { numbers: [10, 3000, 10] };

/** Pausing, resuming and cancelling a run wherever it stands. */
export const control: Story = (scene) => {
  for (const [where, { state, ready, go }] of Object.entries(stages)) {
    const slug = where.replaceAll(" ", "-");
    const definition = (id: string) => `id: ${id}
states:
  - { name: here, ${state}, next: after }
  - { name: after, type: inject, data: { done: true }, end: true }
`;
    describe(`a run ${where}`, () => {
      it("begins nothing new while it is paused, and goes on when resumed", async () => {
        const { station } = scene();
        const id = `pause-${slug}`;
        await station.publish(definition(id));
        const runId = await station.start(id, input);
        await ready(station, runId);
        const paused = await station.client.pauseRun({ params: { runId }, body: { reason: "lunch" } });
        expect(paused).toMatchObject({ status: "PAUSED", reason: "lunch" });
        await go(station, runId);
        expect(await station.run(runId)).toMatchObject({ status: "PAUSED" });
        await station.client.resumeRun({ params: { runId } });
        expect(await station.ended(runId)).toMatchObject({ status: "COMPLETED", context: { done: true } });
        expect(begunDuringPause(await station.events(runId))).toEqual([]);
      });

      it("ends at once when it is cancelled, with everything that is open", async () => {
        const { station } = scene();
        const id = `cancel-${slug}`;
        await station.publish(definition(id));
        const runId = await station.start(id, input);
        await ready(station, runId);
        const cancelled = await station.client.cancelRun({
          params: { runId },
          body: { reason: "wrong one" },
        });
        expect(cancelled).toMatchObject({ status: "CANCELLED", reason: "wrong one", output: null });
        await expectClosed(station, runId);
      });
    });
  }

  describe("a run", () => {
    it("that is paused can be cancelled, and is then over for good", async () => {
      const { station } = scene();
      await station.publish(`id: twice-stopped
states: [{ name: wait, type: signal, signal: go, end: true }]
`);
      const runId = await station.start("twice-stopped");
      await station.entered(runId, "wait");
      await station.client.pauseRun({ params: { runId } });
      await station.client.cancelRun({ params: { runId } });
      const path = `/api/v1/workflow-runs/${runId}`;
      const refused = { status: 409, body: { code: "invalid-transition" } };
      expect(await station.post(`${path}/resume`)).toMatchObject(refused);
      expect(await station.post(`${path}/pause`)).toMatchObject(refused);
      expect(await station.post(`${path}/signals`, { name: "go" })).toMatchObject(refused);
      expect(await station.post(`${path}/cancel`)).toMatchObject({ status: 202 });
      await expectClosed(station, runId);
    });

    it("that is cancelled takes a slow agent's step with it, and the worker stops the agent", async () => {
      const { station, deployment } = scene();
      await station.publish(`id: long-work
states: [{ name: work, type: agent, agent: slow, input: { variables: { ms: 60000 } }, end: true }]
`);
      const runId = await station.start("long-work");
      await station.inHand(runId, "work");
      await station.client.cancelRun({ params: { runId } });
      const { stepId, status, output } = await station.step(runId, "work");
      expect({ status, output }).toEqual({ status: "CANCELLED", output: null });
      const told = await deployment.logged("step executed", { step_id: stepId });
      expect(told).toMatchObject({ status: "failed", error_code: "cancelled" });
      expect(await station.run(runId)).toMatchObject({ status: "CANCELLED" });
    });
  });
};

async function expectClosed(station: Station, runId: string): Promise<void> {
  expect(await station.run(runId)).toMatchObject({ status: "CANCELLED", currentStates: [], blockedOn: null });
  const steps = await station.steps(runId);
  expect(steps.filter(({ finishedAt }) => finishedAt === null)).toEqual([]);
  const { items } = await station.client.listRunApprovals({ params: { runId } });
  expect(items.filter(({ status }) => status === "PENDING")).toEqual([]);
  const events = await station.events(runId);
  expect(events.at(-1)).toMatchObject({ type: "run.cancelled", actor: "user:local" });
}

const BEGINNINGS = new Set(["state.entered", "step.started", "branch.opened"]);

function begunDuringPause(events: readonly RunEventItem[]): readonly string[] {
  const from = events.findIndex(({ type }) => type === "run.paused");
  const to = events.findIndex(({ type }) => type === "run.resumed");
  return events
    .slice(from, to)
    .flatMap(({ type, state }) => (BEGINNINGS.has(type) ? `${type} ${state}` : []));
}
