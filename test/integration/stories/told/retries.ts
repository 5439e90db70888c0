import { describe, expect, it } from "vitest";
import type { Story } from "../support/story.ts";

const retrying = (id: string, agent: string, maxAttempts: number) => `id: ${id}
states:
  - name: call
    type: agent
    agent: ${agent}
    retry: { maxAttempts: ${maxAttempts}, backoffSeconds: 0.2, multiplier: 3, jitter: false }
    end: true
`;

/** Attempts after attempts, and how long between them. */
export const retries: Story = (scene) => {
  describe("a step that is tried again", () => {
    it("waits longer each time, and says in its events until when", async () => {
      const { station } = scene();
      await station.publish(retrying("flaky-thrice", "flaky", 3));
      const run = await station.startAndEnd("flaky-thrice");
      expect(run).toMatchObject({ status: "COMPLETED", output: { attempts: 3 } });
      // A worker that is busy says first that it is going to.
      const events = (await station.events(run.runId)).filter(
        ({ state, type }) => state === "call" && type !== "step.scheduled",
      );
      expect(events.map(({ type, data }) => `${type} ${data["attempt"] ?? ""}`.trim())).toEqual([
        "state.entered",
        "step.started 1",
        "step.failed 1",
        "step.started 2",
        "step.failed 2",
        "step.started 3",
        "step.succeeded 3",
        "state.exited",
      ]);
      const failed = events.filter(({ type }) => type === "step.failed");
      const started = events.filter(({ type }) => type === "step.started").slice(1);
      expect(failed.map(({ at, data }) => Number(data["retryAt"]) - Date.parse(at))).toEqual([200, 600]);
      const early = started.map(({ at }, i) => Date.parse(at) - Number(failed[i]?.data["retryAt"]));
      expect(Math.min(...early)).toBeGreaterThanOrEqual(0);
    });

    it("fails after its last attempt with the last error", async () => {
      const { station } = scene();
      await station.publish(retrying("flaky-twice", "flaky", 2));
      const run = await station.startAndEnd("flaky-twice");
      expect(run).toMatchObject({ status: "FAILED", error: { code: "no_route", state: "call", attempt: 2 } });
      expect(await station.step(run.runId, "call")).toMatchObject({ status: "FAILED", attempt: 2 });
    });

    it("is not tried again after an error that no attempt would mend", async () => {
      const { station } = scene();
      await station.publish(retrying("hopeless", "failing", 5));
      const run = await station.startAndEnd("hopeless");
      expect(run).toMatchObject({ status: "FAILED", error: { code: "out_of_order", attempt: 1 } });
    });
  });
};
