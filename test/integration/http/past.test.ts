import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { stnFor } from "../cli/stn.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;
let runId = "";

beforeAll(async () => {
  world = await createWorld({ works: true });
  const definition = `id: counting
states:
  - { name: first, type: inject, data: { n: 1 }, next: each }
  - name: each
    type: foreach
    itemsPath: ctx.items
    itemName: item
    maxConcurrency: 1
    iterator: { states: [{ name: double, type: transform, expression: item * 2, resultPath: twice, end: true }] }
    resultPath: doubled
    next: second
  - { name: second, type: inject, data: { n: 2 }, end: true }
`;
  await world.client.createWorkflow({ body: { definition } });
  const run = await world.client.startRun({ body: { workflowId: "counting", input: { items: [4, 5] } } });
  runId = run.runId;
  await eventually(async () => {
    const { status } = await world.client.getRun({ params: { runId } });
    return status === "COMPLETED" ? status : undefined;
  });
});
afterAll(() => world.close());

const events = async () =>
  (await world.client.listEvents({ params: { runId }, query: { limit: 200 } })).items;
const at = (seq: number) => world.client.getRun({ params: { runId }, query: { at: seq } });

describe("a run as it stood", () => {
  it("after its first event has not begun", async () => {
    expect(await at(1)).toMatchObject({
      status: "PENDING",
      context: { items: [4, 5] },
      seq: 1,
      finishedAt: null,
    });
  });

  it("after any event shows the context and the states of that moment", async () => {
    const all = await events();
    const left = all.find(({ type, state }) => type === "state.exited" && state === "first");
    expect(await at(left?.seq ?? 0)).toMatchObject({
      status: "RUNNING",
      context: { n: 1 },
      currentStates: [{ branch: "", state: "each" }],
      blockedOn: null,
    });
  });

  it("after its last event is the run as it is", async () => {
    const now = await world.client.getRun({ params: { runId } });
    expect(await at(now.seq)).toEqual(now);
  });

  it("after an event it does not have is not found, and the answer says how far it came", async () => {
    const { seq } = await world.client.getRun({ params: { runId } });
    const response = await world.app.request(`http://station/api/v1/workflow-runs/${runId}?at=${seq + 1}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining(`whose latest is ${seq}`),
    });
    expect((await world.app.request("http://station/api/v1/workflow-runs/run_x?at=1")).status).toBe(404);
    expect((await world.app.request(`http://station/api/v1/workflow-runs/${runId}?at=0`)).status).toBe(400);
  });

  it("is what an expression sees, in the branch of the event", async () => {
    const all = await events();
    const inside = all.find(({ type, branch }) => type === "state.entered" && branch === "each/1");
    const evaluate = (expression: string, seq: number) =>
      world.client.evaluateExpression({ body: { expression, runId, at: seq } });
    expect(await evaluate("[item, _index, ctx.n]", inside?.seq ?? 0)).toMatchObject({
      ok: true,
      value: [5, 1, 1],
    });
    expect(await evaluate("item", all.at(-1)?.seq ?? 0)).toMatchObject({ ok: false });
    const alone = await world.app.request("http://station/api/v1/expressions/evaluate", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ expression: "1", at: 3 }),
    });
    expect(alone.status).toBe(400);
  });

  it("is reached from the command line", async () => {
    const stn = stnFor(world);
    const all = await events();
    const left = String(all.find(({ type, state }) => type === "state.exited" && state === "first")?.seq);
    expect(await stn.run(["expr", "ctx.n", "--run", runId, "--at", left])).toMatchObject({
      code: 0,
      out: "1\n",
    });
    expect(await stn.run(["expr", "ctx.n", "--at", left])).toMatchObject({ code: 2 });
    const shown = await stn.run(["runs", "show", runId, "--at", left]);
    expect(shown.out).toContain("first");
    expect(shown.out).not.toContain("completed");
  });
});
