import { describe, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { Station } from "../support/station.ts";
import type { Story } from "../support/story.ts";

const called = `id: called
inputSchema: { type: object, required: [service], properties: { service: { type: string }, times: { type: integer, default: 2 } } }
output: steps.do.said
states:
  - { name: do, type: agent, agent: echo, task: "{{ input.service }} {{ input.times }}", end: true }
`;

const waiting = `id: called-waiting
states:
  - { name: wait, type: signal, signal: go, end: true }
`;

const failing = `id: called-failing
states:
  - { name: choose, type: switch, conditions: [{ if: "1 > 2", next: done }] }
  - { name: done, type: inject, data: {}, end: true }
`;

/** A workflow that calls another in its one state. */
const calling = (id: string, workflow: string, more = "") => `id: ${id}
states:
  - name: call
    type: operation
    action: workflow.run
    input: { workflow: ${workflow}${more.startsWith("{") ? `, variables: ${more}` : ""} }
${more.startsWith("{") ? "" : more}    end: true
`;

/** A workflow with a concurrency key that calls another when its input is deep, and waits for a signal when it is not. */
const callingItself = (id: string, workflow: string, concurrency: string) => `id: ${id}
concurrency: { ${concurrency} }
states:
  - { name: choose, type: switch, conditions: [{ if: input.deep, next: call }], defaultNext: wait }
  - { name: call, type: workflow, workflow: ${workflow}, input: { variables: { deep: false } }, end: true }
  - { name: wait, type: signal, signal: go, end: true }
`;

/** The runs that a run has called, the newest first. */
async function calledBy({ client }: Station, runId: string) {
  return (await client.listRuns({ query: { calledBy: runId } })).items;
}

/** The run that a run has called, as soon as it is there. */
function childOf(station: Station, runId: string) {
  return eventually(async () => (await calledBy(station, runId))[0]?.runId ?? false);
}

/** The same once it waits for a signal. */
async function waitingBelow(station: Station, runId: string): Promise<string> {
  const child = await childOf(station, runId);
  await station.status(child, "WAITING_SIGNAL");
  return child;
}

/** Workflows that run workflows. */
export const calls: Story = (scene) => {
  describe("a workflow that runs another", () => {
    it("gives it its input, takes what it answers, and each names the other", async () => {
      const { station } = scene();
      await station.publish(called);
      await station.publish(calling("calls-one", "called", "{ service: shop }"));
      const run = await station.startAndEnd("calls-one");
      expect(run).toMatchObject({ status: "COMPLETED", output: "shop 2", calledBy: null });
      const step = await station.step(run.runId, "call");
      const [child, ...others] = await calledBy(station, run.runId);
      expect(others).toEqual([]);
      expect(step).toMatchObject({ status: "SUCCEEDED", attempt: 1, calledRunId: child?.runId });
      expect(await station.run(child?.runId ?? "")).toMatchObject({
        status: "COMPLETED",
        input: { service: "shop", times: 2 },
        startedBy: run.startedBy,
        traceId: run.traceId,
        calledBy: { runId: run.runId, stepId: step.stepId, attempt: 1, within: [] },
      });
      const [created] = await station.events(child?.runId ?? "");
      expect(created).toMatchObject({ type: "run.created", channel: "run", actor: run.startedBy });
    });

    it("fails with it, once for each attempt", async () => {
      const { station } = scene();
      await station.publish(failing);
      const retry = "    retry: { maxAttempts: 2, backoffSeconds: 0.05 }\n";
      await station.publish(calling("calls-failing", "called-failing", retry));
      const run = await station.startAndEnd("calls-failing");
      const children = await calledBy(station, run.runId);
      expect(children.map(({ status }) => status)).toEqual(["FAILED", "FAILED"]);
      expect(run).toMatchObject({
        status: "FAILED",
        error: { code: "RUN_FAILED", attempt: 2, details: { runId: children[0]?.runId, status: "FAILED" } },
      });
    });

    it("says what it waits for, and takes it with it when it is cancelled, however deep it is", async () => {
      const { station } = scene();
      await station.publish(waiting);
      await station.publish(calling("calls-waiting", "called-waiting"));
      await station.publish(calling("calls-deep", "calls-waiting"));
      const runId = await station.start("calls-deep");
      const middle = await childOf(station, runId);
      const deepest = await waitingBelow(station, middle);
      expect((await station.run(middle)).blockedOn).toBe(
        `call waits for run ${deepest} of workflow called-waiting (WAITING_SIGNAL)`,
      );
      expect((await station.run(deepest)).calledBy?.within).toEqual([runId]);
      await station.client.cancelRun({ params: { runId }, body: { reason: "enough" } });
      const forsaken = (by: string) => `run ${by}, which started it, does not wait for it any more`;
      expect(await station.ended(middle)).toMatchObject({ status: "CANCELLED", reason: forsaken(runId) });
      expect(await station.ended(deepest)).toMatchObject({ status: "CANCELLED", reason: forsaken(middle) });
    });

    it("gives it up when it takes too long", async () => {
      const { station } = scene();
      await station.publish(waiting.replace("called-waiting", "called-slow"));
      await station.publish(calling("calls-slow", "called-slow", "    timeoutSeconds: 1\n"));
      const run = await station.startAndEnd("calls-slow");
      expect(run).toMatchObject({ status: "FAILED", error: { code: "TIMEOUT", state: "call" } });
      // It may have been too late to start it at all.
      const runs = await calledBy(station, run.runId);
      const ended = await Promise.all(runs.map(({ runId }) => station.ended(runId)));
      expect(ended.filter(({ status }) => status !== "CANCELLED")).toEqual([]);
    });

    it("is told when somebody cancels it", async () => {
      const { station } = scene();
      await station.publish(waiting.replace("called-waiting", "called-off"));
      await station.publish(calling("calls-off", "called-off"));
      const runId = await station.start("calls-off");
      const child = await waitingBelow(station, runId);
      await station.client.cancelRun({ params: { runId: child }, body: { reason: "not today" } });
      expect(await station.ended(runId)).toMatchObject({
        status: "FAILED",
        error: {
          code: "RUN_CANCELLED",
          message: `run ${child} of workflow "called-off" was cancelled: not today`,
        },
      });
    });

    it("goes on without it when one of several is enough", async () => {
      const { station } = scene();
      await station.publish(waiting.replace("called-waiting", "called-loser"));
      await station.publish(called.replace("id: called", "id: called-winner"));
      await station.publish(`id: calls-race
states:
  - name: race
    type: parallel
    join: { mode: any }
    branches:
      - name: loser
        states: [{ name: wait, type: workflow, workflow: called-loser, end: true }]
      - name: winner
        states:
          - { name: win, type: workflow, workflow: called-winner, input: { variables: { service: a } }, end: true }
    end: true
`);
      const run = await station.startAndEnd("calls-race");
      expect(run.status).toBe("COMPLETED");
      const runs = await calledBy(station, run.runId);
      expect(await Promise.all(runs.map(({ runId }) => station.ended(runId)))).toMatchObject(
        runs.map(({ workflowId }) => ({
          status: workflowId === "called-winner" ? "COMPLETED" : "CANCELLED",
        })),
      );
    });

    it("runs one for each item of a list", async () => {
      const { station } = scene();
      await station.publish(called.replace("id: called", "id: called-each"));
      await station.publish(`id: calls-each
states:
  - name: each
    type: foreach
    itemsPath: services
    itemName: service
    maxConcurrency: 5
    iterator:
      states:
        - name: call
          type: workflow
          workflow: called-each
          input: { variables: { service: "{{ service }}", times: "{{ _index }}" } }
          end: true
    end: true
`);
      const services = Array.from({ length: 12 }, (_, index) => `s${index}`);
      const run = await station.startAndEnd("calls-each", { services });
      expect(run).toMatchObject({ status: "COMPLETED", output: services.map((name, i) => `${name} ${i}`) });
      expect(await calledBy(station, run.runId)).toHaveLength(12);
    });

    it("waits while it waits for its turn", async () => {
      const { station } = scene();
      await station.publish(`id: called-limited
concurrency: { key: "{{ input.key }}", limit: 1 }
states:
  - { name: wait, type: signal, signal: go, end: true }
`);
      await station.publish(calling("calls-limited", "called-limited", "{ key: one }"));
      const [first, second] = [await station.start("calls-limited"), await station.start("calls-limited")];
      const holder = await waitingBelow(station, first);
      const queued = await childOf(station, second);
      expect((await station.run(queued)).status).toBe("PENDING");
      await station.client.cancelRun({ params: { runId: second }, body: {} });
      expect(await station.ended(queued)).toMatchObject({ status: "CANCELLED", startedAt: null });
      await station.client.signalRun({ params: { runId: holder }, body: { name: "go", payload: "went" } });
      expect(await station.ended(first)).toMatchObject({ status: "COMPLETED", output: "went" });
    });

    it("under its own key has it go on within its own slot, also through others", async () => {
      const { station } = scene();
      await station.publish(callingItself("calls-within", "calls-between", "limit: 2"));
      await station.publish(calling("calls-between", "calls-within", "{ deep: false }"));
      const start = () => station.start("calls-within", { deep: true });
      const holders = [await start(), await start()] as const;
      const inner = holders.map(async (runId) => waitingBelow(station, await childOf(station, runId)));
      const next = await start();
      const [first] = await Promise.all(inner);
      const { status, blockedOn } = await station.run(next);
      expect([status, blockedOn]).toEqual([
        "PENDING",
        `waits for run ${holders[0]} or 1 more, which hold the concurrency key "calls-within"`,
      ]);
      await station.client.signalRun({ params: { runId: `${first}` }, body: { name: "go" } });
      expect((await station.ended(holders[0])).status).toBe("COMPLETED");
      await waitingBelow(station, await childOf(station, next));
    });

    it.each(["reject", "cancel"])("under its own key is neither refused nor its end (%s)", async (word) => {
      const { station } = scene();
      const id = `calls-itself-${word}`;
      await station.publish(callingItself(id, id, `onConflict: ${word}`));
      const runId = await station.start(id, { deep: true });
      const child = await waitingBelow(station, runId);
      await station.client.signalRun({ params: { runId: child }, body: { name: "go" } });
      expect((await station.ended(runId)).status).toBe("COMPLETED");
    });

    it("that calls itself without an end is stopped", async () => {
      const { station } = scene();
      await station.publish(calling("calls-ever", "calls-ever"));
      const run = await station.startAndEnd("calls-ever");
      expect(run).toMatchObject({ status: "FAILED", error: { code: "RUN_FAILED" } });
      expect(JSON.stringify(run.error)).toContain("at most 16 may be");
    });

    it("is not started again when the run is begun behind it", async () => {
      const { station } = scene();
      await station.publish(called.replace("id: called", "id: called-once"));
      await station.publish(`id: calls-once
states:
  - { name: call, type: workflow, workflow: called-once, input: { variables: { service: a } }, next: after }
  - { name: after, type: agent, agent: echo, task: "{{ steps.call }}", end: true }
`);
      const run = await station.startAndEnd("calls-once");
      const again = await station.client.rerunRun({
        params: { runId: run.runId },
        body: { fromState: "after" },
      });
      expect(await station.ended(again.runId)).toMatchObject({
        status: "COMPLETED",
        output: { said: "a 2" },
      });
      expect(await calledBy(station, again.runId)).toEqual([]);
    });
  });

  describe("a run that calls a workflow", () => {
    it.each([
      ["that is not there", "called-there", "{{ 'called-' + 'ther' }}", "WORKFLOW_NOT_FOUND"],
      ["with other input than it takes", "called-strict", "called-strict", "SCHEMA_VALIDATION_INPUT"],
    ])("%s fails, and says so", async (_, there, workflow, code) => {
      const { station } = scene();
      await station.publish(called.replace("id: called", `id: ${there}`));
      const variables = { service: "{{ input.service }}", times: "{{ input.times }}" };
      const input = JSON.stringify({ workflow, variables });
      await station.publish(
        `id: calls-${there}\nstates: [{ name: call, type: workflow, input: ${input}, end: true }]\n`,
      );
      const run = await station.startAndEnd(`calls-${there}`, { service: "shop", times: "many" });
      expect(run).toMatchObject({ status: "FAILED", error: { code, state: "call" } });
      expect(await calledBy(station, run.runId)).toEqual([]);
    });
  });
};
