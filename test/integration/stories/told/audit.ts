import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { Story } from "../support/story.ts";

const audited = `id: audited
states:
  - { name: plan, type: agent, agent: echo, task: "rotate {{ ctx.key }}", resultPath: plan, next: ask }
  - { name: ask, type: approval, message: "Rotate?", summaryPath: plan, next: hear }
  - { name: hear, type: signal, signal: window, resultPath: window, next: rotate }
  - { name: rotate, type: agent, agent: echo, task: "in {{ ctx.window }}", end: true }
`;

/** What is left to read of a run that is over (PRD §2, story 7). */
export const audit: Story = (scene) => {
  describe("the history of a run", () => {
    it("tells every step's input and output, who decided and signalled, and when, and is sealed", async () => {
      const { station } = scene();
      await station.publish(audited);
      const runId = await station.start("audited", { key: "k1" });
      const { approvalId } = await station.asked(runId);
      await station.client.approve({ params: { approvalId }, body: { comment: "go ahead" } });
      await station.entered(runId, "hear");
      await station.client.signalRun({ params: { runId }, body: { name: "window", payload: "the night" } });
      await station.ended(runId);

      const steps = await station.steps(runId);
      expect(steps).toMatchObject([
        { state: "plan", input: { agent: "echo", task: "rotate k1" }, output: { said: "rotate k1" } },
        { state: "ask", input: { message: "Rotate?" }, output: { approved: true, comment: "go ahead" } },
        { state: "hear", output: "the night" },
        { state: "rotate", input: { task: "in the night" }, output: { said: "in the night" } },
      ]);
      const [approval] = (await station.client.listRunApprovals({ params: { runId } })).items;
      expect(approval).toMatchObject({
        status: "APPROVED",
        summary: { said: "rotate k1" },
        decisions: [
          {
            decision: "approve",
            by: "user:local",
            comment: "go ahead",
            at: expect.any(String),
            as: [],
            channel: "api",
            voided: null,
          },
        ],
      });
      const events = await station.events(runId);
      const byPeople = events.filter(({ actor }) => actor.startsWith("user:"));
      expect(byPeople.map(({ type }) => type)).toEqual([
        "run.created",
        "approval.approved",
        "signal.received",
      ]);
      const times = events.map(({ at }) => at);
      expect(times).toEqual(times.toSorted());
      await eventually(async () => (await station.events(runId)).every(({ hash }) => hash !== null));
    });
  });
};
