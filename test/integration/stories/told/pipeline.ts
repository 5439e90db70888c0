import { describe, expect, it } from "vitest";
import type { Story } from "../support/story.ts";

const counting = `id: counting
states:
  - { name: before, type: agent, agent: echo, task: ready, next: count }
  - name: count
    type: agent
    agent: counter
    input: { variables: { count: "{{ ctx.count }}" } }
    retry: { maxAttempts: 3, backoffSeconds: 0.1 }
    next: after
  - { name: after, type: agent, agent: echo, task: done, end: true }
`;

const lying = `id: lying
states:
  - { name: judge, type: agent, agent: liar, resultPath: verdict, next: after }
  - { name: after, type: agent, agent: echo, task: "it is {{ ctx.verdict.severity }}", end: true }
`;

/** Three agents in a row, each taking what the one before it gave. */
export const pipeline: Story = (scene) => {
  describe("a pipeline of agents with schemas", () => {
    it("hands each agent's output to the next", async () => {
      const { station } = scene();
      const run = await station.startAndEnd("health-report", { namespace: "shop" }, "default");
      expect(run).toMatchObject({
        status: "COMPLETED",
        output: { analysis: "shop-api-1 runs out of memory while it loads its cache", severity: "medium" },
      });
      const steps = await station.steps(run.runId);
      expect(steps.map(({ state, attempt, status }) => `${state} ${attempt} ${status}`)).toEqual([
        "check 1 SUCCEEDED",
        "analyze 2 SUCCEEDED",
        "notify 1 SUCCEEDED",
      ]);
      expect(steps.at(-1)?.output).toBe(
        "told the team: medium: shop-api-1 runs out of memory while it loads its cache",
      );
    });

    it("fails the step whose input breaks the agent's schema, without calling the agent", async () => {
      const { station } = scene();
      await station.publish(counting);
      const run = await station.startAndEnd("counting", { count: "three" });
      const refused = {
        code: "SCHEMA_VALIDATION_INPUT",
        retryable: false,
        details: { agent: "counter", errors: [{ pointer: "/count", keyword: "type" }] },
      };
      expect(run).toMatchObject({ status: "FAILED", error: { ...refused, state: "count", attempt: 1 } });
      expect(await station.step(run.runId, "count")).toMatchObject({ status: "FAILED", error: refused });
      const events = await station.events(run.runId);
      expect(events.filter(({ type, state }) => type === "step.started" && state === "count")).toHaveLength(
        1,
      );
      expect(events.map(({ state }) => state)).not.toContain("after");
    });

    it("calls the same agent when the input is right", async () => {
      const { station } = scene();
      await station.publish(counting.replace("id: counting", "id: counting-right"));
      const run = await station.startAndEnd("counting-right", { count: 3 });
      expect(run).toMatchObject({ status: "FAILED", error: { code: "was_called" } });
    });

    it("notes an output that breaks the agent's schema, and goes on with it", async () => {
      const { station } = scene();
      await station.publish(lying);
      const run = await station.startAndEnd("lying");
      expect(run).toMatchObject({ status: "COMPLETED", output: { said: "it is purple" } });
      const validation = { code: "SCHEMA_VALIDATION_OUTPUT", errors: [{ pointer: "/severity" }] };
      expect(await station.step(run.runId, "judge")).toMatchObject({
        status: "SUCCEEDED",
        output: { severity: "purple" },
        validation,
      });
      const events = await station.events(run.runId);
      const succeeded = events.find(({ type, state }) => type === "step.succeeded" && state === "judge");
      expect(succeeded?.data).toMatchObject({ validation });
    });
  });
};
