import { describe, expect, it } from "vitest";
import type { Story } from "../support/story.ts";

const handled = `id: handled
states:
  - { name: risky, type: agent, agent: failing, onError: { next: explain, resultPath: failure }, next: never }
  - { name: never, type: inject, data: { reached: true }, end: true }
  - { name: explain, type: agent, agent: echo, task: "{{ ctx.failure.code }} at {{ error.state }}", end: true }
`;

const shrugged = `id: shrugged
states:
  - { name: risky, type: agent, agent: failing, continueOnError: true, resultPath: answer, next: after }
  - { name: after, type: inject, data: { reached: true }, end: true }
`;

const unhandled = `id: unhandled
states:
  - name: both
    type: parallel
    branches:
      - name: bad
        states:
          - { name: hold, type: signal, signal: go, next: break }
          - { name: break, type: agent, agent: failing, end: true }
      - { name: long, agent: slow, input: { variables: { ms: 60000 } } }
    next: never
  - { name: never, type: inject, data: { reached: true }, end: true }
`;

const missing = `id: missing-name
states:
  - { name: choose, type: switch, conditions: [{ if: "nobody > 1", next: done }], defaultNext: done }
  - { name: done, type: inject, data: {}, end: true }
`;

/** What a failed state does to its run. */
export const failures: Story = (scene) => {
  describe("a state that fails", () => {
    it("leads where onError says, with the error in hand", async () => {
      const { station } = scene();
      await station.publish(handled);
      const run = await station.startAndEnd("handled");
      expect(run).toMatchObject({
        status: "COMPLETED",
        error: null,
        output: { said: "out_of_order at risky" },
        context: { failure: { code: "out_of_order", message: "no tea today", state: "risky", attempt: 1 } },
      });
      expect(run.context).not.toHaveProperty("reached");
      expect(await station.step(run.runId, "risky")).toMatchObject({ status: "FAILED" });
    });

    it("is passed over with continueOnError, and leaves null behind", async () => {
      const { station } = scene();
      await station.publish(shrugged);
      const run = await station.startAndEnd("shrugged");
      expect(run).toMatchObject({ status: "COMPLETED", context: { answer: null, reached: true } });
    });

    it("fails its run otherwise, and cancels what runs beside it", async () => {
      const { station } = scene();
      await station.publish(unhandled);
      const runId = await station.start("unhandled");
      await station.inHand(runId, "long");
      await station.client.signalRun({ params: { runId }, body: { name: "go" } });
      const run = await station.ended(runId);
      expect(run).toMatchObject({
        status: "FAILED",
        output: null,
        error: { code: "out_of_order", type: "agent_error" },
      });
      expect(run.context).not.toHaveProperty("reached");
      const steps = await station.steps(runId);
      expect(Object.fromEntries(steps.map(({ state, status }) => [state, status]))).toEqual({
        ...{ both: "FAILED", hold: "SUCCEEDED", break: "FAILED", long: "CANCELLED" },
      });
    });

    it("says which names there are when an expression uses one that is not set", async () => {
      const { station } = scene();
      await station.publish(missing);
      const run = await station.startAndEnd("missing-name", { someone: 1 });
      expect(run).toMatchObject({
        status: "FAILED",
        error: { type: "expression", code: "EXPRESSION_NAME", message: expect.stringContaining("someone") },
      });
    });
  });
};
