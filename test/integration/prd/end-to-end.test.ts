import { unlink, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openPrdStation, PRD, type PrdStation, single, text } from "./prd-station.ts";

let station: PrdStation;
beforeAll(async () => {
  station = await openPrdStation();
});
afterAll(() => station.close());

/** PRD §9.3: the valid pipeline, with the namespace its first agent requires. */
const pipeline = (id: string, second = "log-analyzer") => `id: ${id}
inputSchema: { type: object, properties: { namespace: { type: string } }, required: [namespace] }
states:
  - id: check
    type: operation
    input: { task: agent.run, agent: pod-checker }
    resultPath: steps.check
    transition: analyze
  - id: analyze
    type: operation
    input: { task: agent.run, agent: ${second} }
    transition: notify
  - id: notify
    type: operation
    input: { task: agent.run, agent: notifier }
    end: true
`;

describe("PRD §9.2: end to end", () => {
  test("TestE2E_ThreeAgentPipeline_SchemaValid", async () => {
    const run = await station.runToEnd(pipeline("three"), { namespace: "shop" });
    expect(run).toMatchObject({ status: "COMPLETED", output: { told: true } });
    expect((await station.steps(run.runId)).map(({ state, status }) => `${state} ${status}`)).toEqual([
      "check SUCCEEDED",
      "analyze SUCCEEDED",
      "notify SUCCEEDED",
    ]);
    expect(await station.step(run.runId, "analyze")).toMatchObject({
      output: { analysis: "looked at api-0", severity: "low" },
    });
  });

  test("TestE2E_ThreeAgentPipeline_SchemaMismatch", async () => {
    const refused = await station.send("POST", "/workflows", pipeline("mismatch", "filter-agent"));
    expect(refused).toMatchObject({
      status: 400,
      body: { errors: [{ code: "SCHEMA_COMPATIBILITY", pointer: "/states/1/input/agent", line: 11 }] },
    });
  });

  test("TestE2E_RuntimeSchemaMismatch", async () => {
    const run = await station.runToEnd(`id: unexpected
states:
  - { id: judge, type: agent, agent: liar, resultPath: verdict, next: after }
  - { id: after, type: agent, agent: notifier, task: "{{ ctx.verdict.other }}", end: true }
`);
    expect(run).toMatchObject({ status: "COMPLETED", context: { verdict: { other: 1 } } });
    expect(await station.step(run.runId, "judge")).toMatchObject({
      status: "SUCCEEDED",
      validation: { code: "SCHEMA_VALIDATION_OUTPUT" },
    });
  });

  test("TestE2E_AgentNotFoundAtRuntime", async () => {
    const file = station.agentFile("passing");
    await writeFile(file, text("passing", { script: "[{ output: 1 }]" }));
    // what was read of an environment's agents is good for a moment
    const { id } = await vi.waitFor(() => station.create(single("departed", "passing")), {
      timeout: 20_000,
      interval: 100,
    });
    await unlink(file);
    // what was read of an agent's file is good for a second
    const run = await vi.waitFor(
      async () => {
        const last = await station.startAndEnd(id, {}, PRD);
        expect(last.status).toBe("FAILED");
        return last;
      },
      { timeout: 20_000, interval: 200 },
    );
    expect(run.error).toMatchObject({
      code: "agent_not_found",
      message: expect.stringContaining('agent "passing" not found'),
    });
    expect(await station.step(run.runId, "work")).toMatchObject({ status: "FAILED", attempt: 1 });
  });

  test("TestE2E_ParallelBranches_SchemaValidation", async () => {
    const branches = (id: string, bad: string) => `id: ${id}
states:
  - id: both
    type: parallel
    onBranchFailure: wait
    branches:
      - name: pods
        states:
          - { id: pods, type: agent, agent: pod-checker, input: { variables: { namespace: shop } }, end: true }
      - name: count
        states:
          - { id: count, type: agent, agent: counter, input: { variables: { count: ${bad} } }, end: true }
    end: true
`;
    const run = await station.runToEnd(branches("branches-late", '"{{ ctx.count }}"'), { count: "x" });
    expect(run).toMatchObject({ status: "FAILED" });
    expect(await station.step(run.runId, "pods")).toMatchObject({ status: "SUCCEEDED" });
    expect(await station.step(run.runId, "count")).toMatchObject({
      status: "FAILED",
      error: { code: "SCHEMA_VALIDATION_INPUT" },
    });
    const refused = await station.send("POST", "/workflows", branches("branches-early", "three"));
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: "SCHEMA_COMPATIBILITY" }] } });
  });

  test("TestE2E_ForeachIteration_SchemaValidation", async () => {
    const each = `id: each
states:
  - id: all
    type: foreach
    itemsPath: ctx.counts
    itemName: count
    maxConcurrency: 2
    onBranchFailure: wait
    iterator:
      states:
        - { id: one, type: agent, agent: counter, input: { variables: { count: "{{ count }}" } }, end: true }
    end: true
`;
    const run = await station.runToEnd(each, { counts: [1, "two", 3] });
    expect(run).toMatchObject({ status: "FAILED" });
    const steps = (await station.steps(run.runId)).filter(({ state }) => state === "one");
    expect(steps.sort((a, b) => (a.index ?? 0) - (b.index ?? 0))).toMatchObject([
      { index: 0, status: "SUCCEEDED", output: { next: 1 } },
      { index: 1, status: "FAILED", error: { code: "SCHEMA_VALIDATION_INPUT" } },
      { index: 2, status: "SUCCEEDED", output: { next: 3 } },
    ]);
  });
});
