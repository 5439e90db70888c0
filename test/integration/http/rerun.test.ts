import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archiveOnce } from "../../../src/engine/retention.ts";
import type { BulkResult } from "../../../src/http/schemas/bulk.ts";
import type { Problem } from "../../../src/http/schemas/problem.ts";
import type { Run, RunEventItem } from "../../../src/http/schemas/runs.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;

/** Its second state evaluates this expression. */
const pipeline = (expression: string) => `id: pipe
version: "1.0"
inputSchema: { type: object, properties: { who: { type: string } }, required: [who] }
states:
  - { name: first, type: inject, data: { greeting: "hello {{ ctx.who }}" }, resultPath: said, next: second }
  - { name: second, type: transform, expression: "${expression}", next: third }
  - { name: third, type: transform, expression: "ctx.said.greeting + '!'", end: true }
`;

const waiter = `id: waiter
version: "1.0"
states:
  - { name: wait, type: signal, signal: go, end: true }
`;

/** Only what is for production is approved. */
const release = (first = "which") => `id: release
version: "1.0"
states:
  - { name: plan, type: inject, data: {}, next: ${first} }
  - name: which
    type: switch
    conditions: [{ if: "ctx.env == 'prod'", next: ask }]
    defaultNext: deploy
  - { name: ask, type: operation, action: human.approval, message: "Deploy?", next: deploy }
  - { name: deploy, type: transform, expression: "ctx.env", end: true }
`;

beforeAll(async () => {
  world = await createWorld({ works: true });
  await world.client.createWorkflow({ body: { definition: pipeline("1 / 0") } });
  await world.client.createWorkflow({ body: { definition: waiter } });
});
afterAll(() => world.close());

const ended = (runId: string) =>
  eventually(async () => {
    const run = await world.client.getRun({ params: { runId } });
    return run.finishedAt !== null && run;
  });

async function failed(who = "ada"): Promise<Run> {
  const { runId } = await world.client.startRun({ body: { workflowId: "pipe", version: 1, input: { who } } });
  const run = await ended(runId);
  expect(run.status).toBe("FAILED");
  return run;
}

describe("running a run again", () => {
  it("from a state takes over what came before, and its events say where from", async () => {
    const earlier = await failed();
    await world.client.updateWorkflow({
      params: { id: "pipe" },
      body: { definition: pipeline("1 + 0") },
    });
    const path = `/api/v1/workflow-runs/${earlier.runId}/rerun`;
    const response = await world.post(path, { fromState: "second", version: 2 });
    expect(response.status).toBe(201);
    const begun = (await response.json()) as Run;
    expect(response.headers.get("location")).toBe(`/api/v1/workflow-runs/${begun.runId}`);
    expect(begun).toMatchObject({
      rerunOf: { runId: earlier.runId, from: "second" },
      input: { who: "ada" },
      workflowVersion: 2,
      startedBy: "user:ana",
    });
    expect(await ended(begun.runId)).toMatchObject({ status: "COMPLETED", output: "hello ada!" });
    const { items } = await world.client.listEvents({ params: { runId: begun.runId } });
    const reused = items.find(({ type }) => type === "state.reused") as RunEventItem;
    const old = await world.client.listSteps({ params: { runId: earlier.runId } });
    expect(reused.data["from"]).toBe(old.items[0]?.stepId);
    const steps = await world.client.listSteps({ params: { runId: begun.runId } });
    expect(steps.items.map(({ state, reusedFrom }) => [state, reusedFrom])).toEqual([
      ["first", old.items[0]?.stepId],
      ["second", null],
      ["third", null],
    ]);
  });

  it("from the start is a run like the first; the same key starts it once", async () => {
    const earlier = await failed("bob");
    const path = `/api/v1/workflow-runs/${earlier.runId}/rerun`;
    const key = { "idempotency-key": "again" };
    const first = (await (await world.post(path, { input: { who: "eve" } }, key)).json()) as Run;
    const second = await world.post(path, { input: { who: "eve" } }, key);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(((await second.json()) as Run).runId).toBe(first.runId);
    expect(first).toMatchObject({ rerunOf: { runId: earlier.runId, from: null }, input: { who: "eve" } });
    expect((await world.post(path, {}, key)).status).toBe(422);
    expect(await ended(first.runId)).toMatchObject({ status: "FAILED" });
  });

  it("never has what was purged: it begins anew with an input of its own, or not at all", async () => {
    const earlier = await failed("secret person");
    const path = `/api/v1/workflow-runs/${earlier.runId}`;
    const reason = { reason: "article 17" };
    await eventually(async () => (await world.post(`${path}/purge`, reason)).ok);
    for (const body of [{}, { fromState: "second" }, { fromState: "second", input: { who: "eve" } }]) {
      const refused = await world.post(`${path}/rerun`, body);
      expect(refused.status).toBe(409);
      expect(await refused.json()).toMatchObject({
        code: "invalid-transition",
        detail: expect.stringContaining(`the values of run ${earlier.runId} were purged`),
      });
    }
    const anew = (await (await world.post(`${path}/rerun`, { input: { who: "eve" } })).json()) as Run;
    expect(anew).toMatchObject({ rerunOf: { runId: earlier.runId, from: null }, input: { who: "eve" } });
  });

  it("is the same run again for the same key, also once the earlier one has left for an archive", async () => {
    await world.client.updateWorkflow({
      params: { id: "pipe" },
      body: { definition: pipeline("1 + 0") },
    });
    const earlier = await failed("cy");
    const path = `/api/v1/workflow-runs/${earlier.runId}`;
    const body = { fromState: "second", version: 2 };
    const key = { "idempotency-key": "kept" };
    const first = (await (await world.post(`${path}/rerun`, body, key)).json()) as Run;
    await ended(first.runId);
    const keepMs = 0;
    const retention = { rules: [{ workflow: "pipe", status: "FAILED", keepMs }], holdLabel: "hold" } as const;
    const there = await eventually(async () => {
      await archiveOnce(world.ports, retention, { runs: 100, events: 10_000 }, new AbortController().signal);
      const answer = await world.get(path);
      return answer.status === 404 && ((await answer.json()) as Problem);
    });
    expect(there.detail).toContain("it is in the archive");
    const oneOf = (environment: string) =>
      world.by({
        ...{ kind: "user", id: "user:ana", name: "ana", teams: [] },
        roles: [{ role: "operator", environment }],
      });
    for (const caller of [{}, oneOf("default")]) {
      const again = await world.post(`${path}/rerun`, body, { ...key, ...caller });
      expect(again.status).toBe(201);
      expect(again.headers.get("idempotent-replayed")).toBe("true");
      expect(await again.json()).toMatchObject({ runId: first.runId, rerunOf: { runId: earlier.runId } });
      const other = await world.post(`${path}/rerun`, {}, { ...key, ...caller });
      expect(await other.json()).toMatchObject({ code: "idempotency-key-reused" });
      const anew = await world.post(`${path}/rerun`, body, caller);
      expect(await anew.json()).toMatchObject({ status: 404, detail: there.detail });
    }
    const elsewhere = await world.post(`${path}/rerun`, body, { ...key, ...oneOf("prod") });
    expect(await elsewhere.json()).toMatchObject({ status: 404, code: "not-found" });
  });

  it("is refused where it makes no sense, and says why", async () => {
    const earlier = await failed("bob");
    const path = `/api/v1/workflow-runs/${earlier.runId}/rerun`;
    const refused = async (body: object) => (await (await world.post(path, body)).json()) as object;
    expect(await refused({ fromState: "secnod" })).toMatchObject({
      code: "invalid-transition",
      detail: expect.stringContaining('did you mean "second"'),
    });
    expect(await refused({ fromState: "third" })).toMatchObject({
      detail: expect.stringContaining('never came to "third"; it came to first, second'),
    });
    expect(await refused({ input: {} })).toMatchObject({ status: 400, code: "validation" });
    expect(await refused({ version: 99 })).toMatchObject({ status: 404 });
    expect((await world.post("/api/v1/workflow-runs/run_none/rerun")).status).toBe(404);
  });

  it("is never begun behind an approval that only the earlier input, or version, did not need", async () => {
    await world.client.createWorkflow({ body: { definition: release() } });
    const start = { workflowId: "release", input: { env: "staging" } };
    const earlier = await ended((await world.client.startRun({ body: start })).runId);
    expect(earlier).toMatchObject({ status: "COMPLETED", output: "staging" });
    await world.client.updateWorkflow({ params: { id: "release" }, body: { definition: release("ask") } });
    const path = `/api/v1/workflow-runs/${earlier.runId}/rerun`;
    for (const [other, body] of [
      ["input", { input: { env: "prod" } }],
      ["version", { version: 2 }],
    ] as const) {
      const refused = await world.post(path, { fromState: "deploy", ...body });
      expect(refused.status).toBe(409);
      expect(await refused.json()).toMatchObject({
        code: "invalid-transition",
        detail: expect.stringContaining(`with another ${other} "deploy" may come after an approval in "ask"`),
      });
    }
    for (const body of [{}, { input: start.input }])
      expect((await world.post(path, { fromState: "deploy", ...body })).status).toBe(201);
    const asked = await world.post(path, { fromState: "which", input: { env: "prod" } });
    const { runId } = (await asked.json()) as Run;
    await eventually(
      async () => (await world.client.getRun({ params: { runId } })).status === "WAITING_APPROVAL",
    );
  });
});

describe("many runs at once", () => {
  const bulk = async (body: object, status = 200, headers: Record<string, string> = {}) => {
    const response = await world.post("/api/v1/workflow-runs/bulk", body, headers);
    expect(response.status).toBe(status);
    return (await response.json()) as BulkResult;
  };

  it("are counted before anything is done, and done only when the number still holds", async () => {
    const filter = { workflowId: "waiter" };
    const ids: string[] = [];
    for (let i = 0; i < 12; i++)
      ids.push((await world.client.startRun({ body: { workflowId: "waiter" } })).runId);
    await eventually(async () => {
      const { counts } = await world.client.countRuns({ query: { workflowId: "waiter" } });
      return counts["WAITING_SIGNAL"] === 12;
    });
    const preview = await bulk({ action: "pause", filter, dryRun: true });
    expect(preview).toMatchObject({ dryRun: true, matching: 12, done: 0, remaining: 12 });
    expect(preview.items.map(({ run }) => run.runId).sort()).toEqual([...ids].sort());
    await bulk({ action: "pause", filter, expect: 11 }, 409);
    const paused = await bulk({ action: "pause", filter, expect: 12, reason: "freeze" });
    expect(paused).toMatchObject({ matching: 12, done: 12, refused: 0, remaining: 0 });
    expect((await world.client.getRun({ params: { runId: ids[0] ?? "" } })).blockedOn).toMatch(
      /^paused by user:ana since .*: freeze$/,
    );
    expect(await bulk({ action: "pause", filter })).toMatchObject({ matching: 0, done: 0 });
    expect(await bulk({ action: "resume", filter })).toMatchObject({ done: 12 });
    expect(await bulk({ action: "cancel", filter, reason: "over" })).toMatchObject({ done: 12 });
    const again = await bulk({ action: "rerun", filter: { ...filter, status: ["CANCELLED"] } });
    expect(again).toMatchObject({ done: 12 });
    const newIds = again.items.map(({ newRunId }) => newRunId);
    expect(new Set(newIds).size).toBe(12);
    expect(await world.client.getRun({ params: { runId: newIds[0] ?? "" } })).toMatchObject({
      rerunOf: { runId: again.items[0]?.run.runId, from: null },
    });
  });

  it("are run again once for a request that comes twice, also when what it started has come to the same end", async () => {
    const definition = waiter.replace("id: waiter", "id: repeated");
    await world.client.createWorkflow({ body: { definition } });
    const filter = { workflowId: "repeated" };
    const counted = async () => (await world.client.countRuns({ query: filter })).counts;
    for (let i = 0; i < 3; i++) await world.client.startRun({ body: { workflowId: "repeated" } });
    const cancelled = async (many: number) => {
      await bulk({ action: "cancel", filter });
      await eventually(async () => (await counted())["CANCELLED"] === many);
    };
    await cancelled(3);
    const rerun = { action: "rerun", filter: { ...filter, status: ["CANCELLED"] } };
    const headers = { "idempotency-key": "again-1" };
    const first = await bulk(rerun, 200, headers);
    expect(first).toMatchObject({ done: 3, refused: 0 });
    await cancelled(6);

    const again = await bulk(rerun, 200, headers);
    expect(again).toMatchObject({ matching: 6, done: 3, refused: 3 });
    const started = ({ items }: BulkResult) => items.flatMap(({ newRunId }) => newRunId ?? []).sort();
    expect(started(again)).toEqual(started(first));
    expect(
      again.items
        .filter(({ isDone }) => !isDone)
        .map(({ run, detail }) => [run.runId, detail])
        .sort(),
    ).toEqual(started(first).map((runId) => [runId, "this request itself started it"]));
    expect(await counted()).toMatchObject({ CANCELLED: 6, PENDING: 0, WAITING_SIGNAL: 0 });
    // Another request means them all.
    expect(await bulk(rerun, 200, { "idempotency-key": "again-2" })).toMatchObject({ done: 6 });
  });

  it("need a filter that can match", async () => {
    await bulk({ action: "cancel", filter: {} }, 422);
    // No status at all is not every status: whoever leaves nothing over changes nothing.
    await bulk({ action: "cancel", filter: { status: [] } }, 422);
    await bulk({ action: "resume", filter: { status: ["RUNNING"] } }, 422);
  });
});
