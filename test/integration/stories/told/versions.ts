import { describe, expect, it } from "vitest";
import type { Story } from "../support/story.ts";

const said = (text: string) => `id: changing
states:
  - { name: wait, type: signal, signal: go, next: say }
  - { name: say, type: agent, agent: echo, task: ${text}, end: true }
`;

/** A workflow that is changed while it runs. */
export const versions: Story = (scene) => {
  describe("a workflow that is published again while a run of it is going", () => {
    it("leaves that run on the version it began with, and gives the new one to new runs", async () => {
      const { station } = scene();
      await station.publish(said("old"));
      const before = await station.start("changing");
      await station.entered(before, "wait");
      expect(await station.republish("changing", said("new"))).toMatchObject({ version: 2 });
      const after = await station.start("changing");
      const pinned = await station.client.startRun({
        body: { workflowId: "changing", environment: "stories", version: 1 },
      });
      const runIds = [before, after, pinned.runId];
      for (const runId of runIds) await station.client.signalRun({ params: { runId }, body: { name: "go" } });
      const runs = await Promise.all(runIds.map(station.ended));
      expect(runs.map(({ workflowVersion, output }) => [workflowVersion, output])).toEqual([
        [1, { said: "old" }],
        [2, { said: "new" }],
        [1, { said: "old" }],
      ]);
    });
  });
};
