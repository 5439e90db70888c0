import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waiter } from "./definitions.ts";
import { deliver, github, makeHook } from "./hooks.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;

const limited = (id: string, concurrency: string) => `${waiter(id)}
inputSchema: { type: object, properties: { target: { type: string } } }
concurrency: ${concurrency}
`;

const two = `id: two
concurrency: {}
states:
  - { name: first, type: inject, data: { a: 1 }, resultPath: got, next: wait }
  - { name: wait, type: signal, signal: go, end: true }
`;

beforeAll(async () => {
  world = await createWorld({ works: true });
  const definitions = [
    limited("queued", '{ key: "{{ input.target }}" }'),
    limited("refusing", "{ onConflict: reject }"),
    limited("replacing", "{ onConflict: cancel }"),
    two,
  ];
  for (const definition of definitions) await world.client.createWorkflow({ body: { definition } });
});
afterAll(() => world.close());

const start = async (workflowId: string, target?: string) =>
  (
    await world.client.startRun({
      body: { workflowId, ...(target !== undefined && { input: { target } }) },
    })
  ).runId;
const get = (runId: string) => world.client.getRun({ params: { runId } });
const until = (runId: string, status: string) =>
  eventually(async () => {
    const run = await get(runId);
    return run.status === status && run;
  });
const go = (runId: string) => world.client.signalRun({ params: { runId }, body: { name: "go" } });

describe("a run beyond the limit of its concurrency key", () => {
  it("waits, says for whom, and starts when that one has ended", async () => {
    const holder = await start("queued", "prod");
    await until(holder, "WAITING_SIGNAL");
    const next = await start("queued", "prod");
    const last = await start("queued", "prod");
    const elsewhere = await start("queued", "test");
    await until(elsewhere, "WAITING_SIGNAL");
    const waiting = `waits for run ${holder}, which holds the concurrency key "prod"`;
    expect(await get(next)).toMatchObject({ status: "PENDING", blockedOn: waiting });
    expect(await get(last)).toMatchObject({ blockedOn: `${waiting}; 1 run before it` });
    await world.client.pauseRun({ params: { runId: holder }, body: {} });
    await world.client.cancelRun({ params: { runId: next }, body: {} });
    expect(await get(last)).toMatchObject({ status: "PENDING", blockedOn: waiting });
    await world.client.resumeRun({ params: { runId: holder } });
    await go(holder);
    await until(last, "WAITING_SIGNAL");
    const [created] = (await world.client.listEvents({ params: { runId: last }, query: {} })).items;
    expect(created?.data).toMatchObject({ concurrencyKey: "prod" });
  });

  it("is refused where the workflow says so, by whichever way it would start", async () => {
    const holder = await start("refusing");
    const refused = await world.post("/api/v1/workflow-runs", { workflowId: "refusing" });
    expect(refused.status).toBe(409);
    const detail = `workflow "refusing" lets one run with the concurrency key "refusing" go on at once, and refuses more: run ${holder} has not ended`;
    expect(await refused.json()).toMatchObject({ code: "concurrency-limit", runId: holder, detail });
    const again = await world.post(`/api/v1/workflow-runs/${holder}/rerun`);
    expect(await again.json()).toMatchObject({ code: "concurrency-limit", runId: holder });
    const hook = await makeHook(world, { target: { type: "start-run", workflowId: "refusing", input: {} } });
    const sent = await deliver(world, hook.path, "{}", github(hook.secret, "{}"));
    expect(JSON.stringify(sent.body)).toContain(holder);
    await world.client.createSchedule({
      body: { name: "often", workflowId: "refusing", cron: "0 0 1 1 *" },
    });
    const tick = await world.client.triggerSchedule({ params: { name: "often" }, body: {} });
    expect(tick).toMatchObject({ status: "skipped", reason: detail });
    await world.client.cancelRun({ params: { runId: holder }, body: {} });
    await start("refusing");
  });

  it("takes the place of the one that goes on where the workflow says so", async () => {
    const first = await start("replacing");
    await until(first, "WAITING_SIGNAL");
    const second = await start("replacing");
    await until(second, "WAITING_SIGNAL");
    expect(await get(first)).toMatchObject({
      status: "CANCELLED",
      reason: `run ${second} takes its place`,
    });
  });

  it("waits also when it goes on from a state of an earlier run, with what it has taken over", async () => {
    const earlier = await start("two");
    await until(earlier, "WAITING_SIGNAL");
    const again = await world.client.rerunRun({
      params: { runId: earlier },
      body: { fromState: "wait" },
    });
    expect(again).toMatchObject({
      status: "PENDING",
      blockedOn: `waits for run ${earlier}, which holds the concurrency key "two"`,
    });
    await go(earlier);
    await until(again.runId, "WAITING_SIGNAL");
    await go(again.runId);
    const done = await until(again.runId, "COMPLETED");
    expect(done.context).toMatchObject({ got: { a: 1 } });
  });

  it("is no run when its key comes to nothing", async () => {
    for (const [input, words] of [
      [{}, "target"],
      [{ target: "" }, "an empty text"],
      [{ target: "x".repeat(501) }, "501 characters"],
    ] as const) {
      const refused = await world.post("/api/v1/workflow-runs", { workflowId: "queued", input });
      expect(refused.status).toBe(400);
      expect(((await refused.json()) as { detail: string }).detail).toContain(words);
    }
  });
});
