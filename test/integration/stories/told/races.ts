import { describe, expect, it } from "vitest";
import type { Story } from "../support/story.ts";

const asking = `id: asking
states:
  - { name: ask, type: approval, message: "May it?", resultPath: answer, next: done }
  - { name: done, type: inject, data: { ok: true }, end: true }
`;

/** Many who want the same at once. */
export const races: Story = (scene) => {
  describe("of several at once", () => {
    it("one decides an approval, and the others learn who it was", async () => {
      const { station } = scene();
      await station.publish(asking);
      const runId = await station.start("asking");
      const { approvalId } = await station.asked(runId);
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, n) =>
          station.post(`/api/v1/workflow-approvals/${approvalId}/approve`, { comment: `approver ${n}` }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
      const winner = answers.find(({ status }) => status === 200)?.body as { decisions: readonly unknown[] };
      expect(winner.decisions).toMatchObject([{ decision: "approve", by: "user:local" }]);
      for (const { body } of answers.filter(({ status }) => status === 409))
        expect(body).toMatchObject({
          code: "already-decided",
          detail: expect.stringContaining("user:local"),
          decision: winner.decisions[0],
        });
      expect(await station.ended(runId)).toMatchObject({ status: "COMPLETED" });
      const events = await station.events(runId);
      expect(events.filter(({ type }) => type === "approval.approved")).toHaveLength(1);
    });

    it("deliveries of one event start one run, and each is told which", async () => {
      const { station } = scene();
      await station.publish(asking.replace("id: asking", "id: told-once"));
      const hook = await station.client.createHook({
        body: {
          name: "orders",
          environment: "stories",
          scheme: { type: "bearer" },
          identity: { by: "header", header: "x-event-id" },
          target: { type: "start-run", workflowId: "told-once" },
        },
      });
      const headers = { authorization: `Bearer ${hook.secret}`, "x-event-id": "order-7" };
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => station.post(hook.path, { order: 7 }, headers)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
      expect(new Set(answers.map(({ body }) => body["runId"])).size).toBe(1);
      expect(answers.filter(({ body }) => body["repeated"] === false)).toHaveLength(1);
      const { items } = await station.client.listRuns({ query: { workflowId: "told-once" } });
      expect(items).toMatchObject([{ startedBy: "hook:stories/orders" }]);
    });

    it("requests with one idempotency key start one run", async () => {
      const { station } = scene();
      await station.publish(asking.replace("id: asking", "id: asked-once"));
      const body = { workflowId: "asked-once", environment: "stories", input: { order: 7 } };
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          station.post("/api/v1/workflow-runs", body, { "idempotency-key": "order-7" }),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(new Set(answers.map(({ body }) => body["runId"])).size).toBe(1);
      const { items } = await station.client.listRuns({ query: { workflowId: "asked-once" } });
      expect(items).toHaveLength(1);
    });
  });
};
