import { describe, expect, it } from "vitest";
import { STORIES as environment } from "../support/agents.ts";
import { eventually } from "../support/eventually.ts";
import type { Story } from "../support/story.ts";

const ticking = `id: ticking
states: [{ name: done, type: inject, data: { ok: true }, end: true }]
`;

/** Runs that start by themselves. */
export const schedules: Story = (scene) => {
  describe("a schedule", () => {
    it("starts one run each second, whoever of the processes looks", async () => {
      const { station } = scene();
      await station.publish(ticking);
      const body = {
        name: "secondly",
        workflowId: "ticking",
        everySeconds: 1,
        overlap: "allow",
        environment,
      } as const;
      await station.client.createSchedule({ body });
      const asked = { params: { name: "secondly" }, query: { environment, limit: 200 } };
      const ended = await eventually(
        async () => {
          const { items } = await station.client.listTicks(asked);
          const completed = items.filter(({ runStatus }) => runStatus === "COMPLETED");
          return completed.length >= 4 && completed;
        },
        () => "no four runs have started by themselves and ended",
      );
      await station.client.deleteSchedule({ params: asked.params, query: { environment } });
      const seconds = ended.map(({ at }) => Date.parse(at) / 1000).sort((a, b) => a - b);
      const [first = 0] = seconds;
      expect(seconds).toEqual(seconds.map((_, index) => first + index));
      const { items: runs } = await station.client.listRuns({ query: { workflowId: "ticking", limit: 200 } });
      expect(runs.every(({ startedBy }) => startedBy === "schedule:secondly")).toBe(true);
      expect(runs.length).toBeGreaterThanOrEqual(ended.length);
    });
  });
};
