import { describe, expect, it } from "vitest";
import type { Story } from "../support/story.ts";

const nested = `id: nested
states:
  - name: work
    type: parallel
    branches:
      - name: batch
        states:
          - name: each
            type: foreach
            itemsPath: ctx.items
            itemName: item
            maxConcurrency: 2
            iterator:
              states:
                - name: guarded
                  type: try
                  try:
                    - { name: act, type: agent, agent: "{{ item.agent }}", task: "{{ item.name }}", resultPath: done, end: true }
                  catch:
                    - { name: note, type: inject, data: { done: { said: "{{ item.name }}: {{ error.code }}" } }, end: true }
                  finally:
                    - { name: count, type: inject, data: { counted: true }, end: true }
                  end: true
            resultPath: results
            end: true
      - name: people
        states:
          - { name: ask, type: approval, message: "All {{ len(ctx.items) }}?", resultPath: answer, next: tell }
          - { name: tell, type: agent, agent: echo, task: "{{ ctx.answer.comment }}", resultPath: told, end: true }
    resultPath: outcome
    next: sum
  - { name: sum, type: transform, expression: "[r.done.said for r in ctx.outcome.batch.results]", end: true }
`;

const items = [
  { name: "one", agent: "echo" },
  { name: "two", agent: "failing" },
  { name: "three", agent: "echo" },
];

/** Containers in containers, with a person in the middle. */
export const nesting: Story = (scene) => {
  describe("a foreach of tries beside a person in a parallel", () => {
    it("finishes the one branch while the other waits, and joins when the person has answered", async () => {
      const { station } = scene();
      await station.publish(nested);
      const runId = await station.start("nested", { items });
      const { approvalId, message, branch } = await station.asked(runId);
      expect({ message, branch }).toEqual({ message: "All 3?", branch: "work/people" });
      await station.seen(runId, (e) => e.type === "branch.closed" && e.branch === "work/batch");
      expect(await station.run(runId)).toMatchObject({
        status: "WAITING_APPROVAL",
        currentStates: [
          { branch: "", state: "work" },
          { branch: "work/people", state: "ask" },
        ],
      });
      await station.client.approve({ params: { approvalId }, body: { comment: "all of them" } });
      const run = await station.ended(runId);
      expect(run).toMatchObject({
        status: "COMPLETED",
        output: ["one", "two: out_of_order", "three"],
        context: {
          outcome: {
            batch: { results: [{ counted: true }, { counted: true }, { counted: true }] },
            people: { told: { said: "all of them" } },
          },
        },
      });
      const steps = await station.steps(runId);
      const acts = steps.filter(({ state }) => state === "act");
      expect(Object.fromEntries(acts.map(({ branch, status }) => [branch, status]))).toEqual({
        "work/batch/each/0/guarded/try": "SUCCEEDED",
        "work/batch/each/1/guarded/try": "FAILED",
        "work/batch/each/2/guarded/try": "SUCCEEDED",
      });
    });

    it("gives the other branch up when the person says no", async () => {
      const { station } = scene();
      const id = "nested-refused";
      await station.publish(nested.replace("id: nested", `id: ${id}`));
      const runId = await station.start(id, { items });
      const { approvalId } = await station.asked(runId);
      await station.client.reject({ params: { approvalId }, body: { comment: "no" } });
      expect(await station.ended(runId)).toMatchObject({ status: "FAILED", error: { code: "REJECTED" } });
      const steps = await station.steps(runId);
      expect(steps.filter(({ finishedAt }) => finishedAt === null)).toEqual([]);
    });
  });
};
