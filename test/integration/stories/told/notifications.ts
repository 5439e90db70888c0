import { describe, expect, it } from "vitest";
import { startReceiver } from "../../../support/receiver.ts";
import { STORIES } from "../support/agents.ts";
import { eventually } from "../support/eventually.ts";
import type { Story } from "../support/story.ts";

const RUNS = 20;

const doomed = `id: told-of-failures
states:
  - { name: choose, type: switch, conditions: [{if: "1 > 2", next: done}] }
  - { name: done, type: inject, data: {}, end: true }
`;

/** What happens to runs, told to somebody. */
export const notifications: Story = (scene) => {
  describe("whoever subscribes", () => {
    it("is told of every failure once, by whichever process", async () => {
      const { station } = scene();
      const receiver = await startReceiver();
      await station.publish(doomed);
      await station.client.createSubscription({
        body: {
          name: "failures",
          environment: STORIES,
          types: ["run.failed"],
          workflows: ["told-of-failures"],
          channel: { kind: "webhook", url: receiver.url },
        },
      });
      const started = Array.from({ length: RUNS }, () => station.start("told-of-failures"));
      const runIds = await Promise.all(started);
      const query = { subscription: "failures", limit: 100 };
      await eventually(async () => {
        const { items } = await station.client.listNotifications({ query });
        return items.filter(({ status }) => status === "DELIVERED").length === RUNS;
      });
      const told = receiver.received.map(({ body }) => JSON.parse(body).data.runId as string);
      expect(told.sort()).toEqual([...runIds].sort());
      await receiver.close();
    });
  });
};
