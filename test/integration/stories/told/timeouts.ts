import { describe, expect, it } from "vitest";
import type { Story } from "../support/story.ts";

const LONG = "{ variables: { ms: 60000 } }";

const lateRun = `id: late-run
timeoutSeconds: 4
states:
  - name: both
    type: parallel
    branches:
      - { name: work, agent: slow, input: ${LONG} }
      - { name: people, states: [{ name: ask, type: approval, message: "Well?", end: true }] }
    end: true
`;

const lateStep = `id: late-step
states:
  - { name: work, type: agent, agent: slow, input: ${LONG}, timeoutSeconds: 0.5, onError: { next: tell }, end: true }
  - { name: tell, type: agent, agent: echo, task: "{{ error.code }}", end: true }
`;

const lateSignal = `id: late-signal
states:
  - { name: wait, type: signal, signal: go, timeoutSeconds: 0.5, end: true }
`;

/** Whatever takes longer than it may. */
export const timeouts: Story = (scene) => {
  describe("a time limit", () => {
    it("of a run ends it with everything that is open, and its agents are stopped", async () => {
      const { station, deployment } = scene();
      await station.publish(lateRun);
      const runId = await station.start("late-run");
      await station.inHand(runId, "work");
      const run = await station.ended(runId);
      expect(run).toMatchObject({ status: "TIMED_OUT", error: { code: "RUN_TIMEOUT" } });
      const steps = await station.steps(runId);
      expect(steps.map(({ status }) => status)).toEqual(["CANCELLED", "CANCELLED", "CANCELLED"]);
      const { items } = await station.client.listRunApprovals({ params: { runId } });
      expect(items).toMatchObject([{ status: "CANCELLED" }]);
      const work = steps.find(({ branch }) => branch === "both/work");
      await deployment.logged("step given up", { step_id: work?.stepId });
    });

    it("of a step stops the agent and fails the step like an error", async () => {
      const { station } = scene();
      await station.publish(lateStep);
      const run = await station.startAndEnd("late-step");
      expect(run).toMatchObject({ status: "COMPLETED", output: { said: "TIMEOUT" } });
      expect(await station.step(run.runId, "work")).toMatchObject({
        status: "TIMED_OUT",
        error: { code: "TIMEOUT", type: "timeout" },
      });
    });

    it("of waiting for a signal fails the state", async () => {
      const { station } = scene();
      await station.publish(lateSignal);
      expect(await station.startAndEnd("late-signal")).toMatchObject({
        status: "FAILED",
        error: { code: "SIGNAL_TIMEOUT" },
      });
    });
  });
};
