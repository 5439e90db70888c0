import { describe, expect, it } from "vitest";
import type { Story } from "../support/story.ts";

const twice = (id: string) => `id: ${id}
states:
  - { name: busy, type: agent, agent: slow, input: { variables: { ms: 400 } }, next: first }
  - { name: first, type: signal, signal: go, resultPath: first, next: second }
  - { name: second, type: signal, signal: go, resultPath: second, end: true }
`;

/** Messages to a run, before and after it waits for them. */
export const signals: Story = (scene) => {
  describe("a signal", () => {
    it("that comes early is kept, and taken in order of arrival", async () => {
      const { station } = scene();
      await station.publish(twice("early-signals"));
      const runId = await station.start("early-signals");
      await station.inHand(runId, "busy");
      for (const n of [1, 2])
        await station.client.signalRun({ params: { runId }, body: { name: "go", payload: { n } } });
      expect(await station.ended(runId)).toMatchObject({
        status: "COMPLETED",
        context: { first: { n: 1 }, second: { n: 2 } },
      });
    });

    it("that comes late wakes the run, and one with another name does not", async () => {
      const { station } = scene();
      await station.publish(twice("late-signals"));
      const runId = await station.start("late-signals");
      await station.entered(runId, "first");
      await station.client.signalRun({ params: { runId }, body: { name: "other" } });
      expect(await station.run(runId)).toMatchObject({ status: "WAITING_SIGNAL" });
      await station.client.signalRun({ params: { runId }, body: { name: "go", payload: "late" } });
      await station.entered(runId, "second");
      await station.client.signalRun({ params: { runId }, body: { name: "go", payload: "later" } });
      expect(await station.ended(runId)).toMatchObject({ context: { first: "late", second: "later" } });
    });

    it("with the same id counts once, however often and in parallel it is sent", async () => {
      const { station } = scene();
      await station.publish(twice("same-signals"));
      const runId = await station.start("same-signals");
      const path = `/api/v1/workflow-runs/${runId}/signals`;
      const send = (id: string) => station.post(path, { name: "go", payload: id, id });
      const answers = await Promise.all(Array.from({ length: 10 }, () => send("one")));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(202));
      await station.entered(runId, "second");
      expect((await send("one")).status).toBe(202);
      expect(await station.run(runId)).toMatchObject({ status: "WAITING_SIGNAL" });
      await send("two");
      expect(await station.ended(runId)).toMatchObject({ context: { first: "one", second: "two" } });
      const events = await station.events(runId);
      expect(events.filter(({ type }) => type === "signal.received")).toHaveLength(2);
    });
  });
};
