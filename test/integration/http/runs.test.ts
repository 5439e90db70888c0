import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiError } from "../../../src/http/client/errors.ts";
import type { Run, RunRow } from "../../../src/http/schemas/runs.ts";
import { gate, quick, waiter } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

const RUNS = "/api/v1/workflow-runs";
let world: World;

beforeAll(async () => {
  world = await createWorld({ works: true });
  for (const definition of [quick("quick"), gate("gate"), waiter("waiter")])
    await world.client.createWorkflow({ body: { definition } });
});
afterAll(() => world.close());

const start = async (workflowId: string, input = {}) =>
  (await (await world.post(RUNS, { workflowId, input })).json()) as Run;
const reaches = (runId: string, status: Run["status"]) =>
  eventually(async () => {
    const run = await world.client.getRun({ params: { runId } });
    return run.status === status && run;
  });

describe("a run", () => {
  it("is started, and its address given", async () => {
    const response = await world.post(RUNS, {
      workflowId: "quick",
      input: { count: 1 },
      labels: { team: "a" },
    });
    expect(response.status).toBe(201);
    const run = (await response.json()) as Run;
    expect(response.headers.get("location")).toBe(`${RUNS}/${run.runId}`);
    expect(run).toMatchObject({
      workflowId: "quick",
      workflowVersion: 1,
      input: { count: 1 },
      labels: { team: "a" },
    });
    expect(run.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const ended = await reaches(run.runId, "COMPLETED");
    expect(ended).toMatchObject({ context: { result: { ok: true } }, error: null, blockedOn: null });
  });

  it("is also started with `workflow_id`, the spelling of the original", async () => {
    expect((await world.post(RUNS, { workflow_id: "quick", input: { count: 1 } })).status).toBe(201);
    const torn = await world.post(RUNS, { workflow_id: "quick", workflowId: "gate", input: {} });
    expect(torn.status).toBe(422);
  });

  it("is waited for when the caller prefers to", async () => {
    const response = await world.post(
      RUNS,
      { workflowId: "quick", input: { count: 1 } },
      { prefer: "wait=30" },
    );
    expect(response.headers.get("preference-applied")).toBe("wait=30");
    expect(await response.json()).toMatchObject({ status: "COMPLETED" });
  });

  it("is not waited for longer than was asked", async () => {
    const response = await world.post(RUNS, { workflowId: "gate" }, { prefer: "wait=1" });
    expect(await response.json()).toMatchObject({ status: "WAITING_APPROVAL" });
  });

  it("whose input breaks the schema is refused at the field", async () => {
    const response = await world.post(RUNS, { workflowId: "quick", input: { count: "many" } });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "validation",
      errors: [{ pointer: "/input/count", code: "SCHEMA_VALIDATION_INPUT" }],
    });
  });

  it("of a workflow nobody knows is refused with the name that was meant", async () => {
    const response = await world.post(RUNS, { workflowId: "quikc", input: { count: 1 } });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('did you mean "quick"?') });
    expect((await world.post(RUNS, { workflowId: "quick", version: 9, input: { count: 1 } })).status).toBe(
      404,
    );
  });

  it("is started once for one idempotency key, also by requests at the same time", async () => {
    const send = () =>
      world.post(RUNS, { workflowId: "quick", input: { count: 1 } }, { "idempotency-key": "k1" });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as Run).runId));
    expect(new Set(ids).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.has("idempotent-replayed"))).toHaveLength(2);
  });

  it("is not started for a key that belongs to another request; keys of others do not count", async () => {
    const send = (count: number) =>
      world.post(RUNS, { workflowId: "quick", input: { count } }, { "idempotency-key": "k2" });
    expect((await send(1)).status).toBe(201);
    const reused = await send(2);
    expect(reused.status).toBe(422);
    expect(await reused.json()).toMatchObject({ code: "idempotency-key-reused" });
    world.as("user:ben");
    const other = await send(2);
    world.as("user:ana");
    expect(other.status).toBe(201);
    expect(other.headers.has("idempotent-replayed")).toBe(false);
  });

  it("treats equal bodies as equal, however they are written", async () => {
    const send = (text: string) =>
      world.request("POST", RUNS, {
        body: text,
        headers: { "content-type": "application/json", "idempotency-key": "k3" },
      });
    await send('{"workflowId":"quick","input":{"count":1}}');
    const again = await send('{ "input": {"count": 1}, "workflow_id": "quick" }');
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
  });
});

describe("control", () => {
  it("pauses, resumes and cancels, and says what it did", async () => {
    const { runId } = await start("waiter");
    await reaches(runId, "WAITING_SIGNAL");
    const paused = await world.post(`${RUNS}/${runId}/pause`, { reason: "lunch" });
    expect(paused.status).toBe(202);
    expect(await paused.json()).toMatchObject({ status: "PAUSED", reason: "lunch" });
    expect((await world.post(`${RUNS}/${runId}/pause`)).status).toBe(202);
    const resumed = await world.request("POST", `${RUNS}/${runId}/resume`);
    expect(resumed.status).toBe(202);
    const cancelled = await world.request("POST", `${RUNS}/${runId}/cancel`);
    expect(await cancelled.json()).toMatchObject({ status: "CANCELLED" });
    const late = await world.post(`${RUNS}/${runId}/resume`);
    expect(late.status).toBe(409);
    expect(await late.json()).toMatchObject({ code: "invalid-transition" });
  });

  it("delivers a signal under both addresses, and a repeated id once", async () => {
    const { runId } = await start("waiter");
    await reaches(runId, "WAITING_SIGNAL");
    const signal = { name: "other", payload: { n: 1 }, id: "s1" };
    expect((await world.post(`${RUNS}/${runId}/signal`, signal)).status).toBe(202);
    expect((await world.post(`${RUNS}/${runId}/signals`, signal)).status).toBe(202);
    const key = { "idempotency-key": "once" };
    await world.post(`${RUNS}/${runId}/signals`, { name: "other" }, key);
    await world.post(`${RUNS}/${runId}/signals`, { name: "other" }, key);
    await world.post(`${RUNS}/${runId}/signals`, { name: "go", payload: { build: 7 } });
    expect(await reaches(runId, "COMPLETED")).toMatchObject({ context: { got: { build: 7 } } });
    const { items } = await world.client.listEvents({ params: { runId } });
    expect(items.filter(({ type }) => type === "signal.received")).toHaveLength(3);
  });

  it("knows no run that is not there", async () => {
    for (const action of ["pause", "resume", "cancel"])
      expect((await world.post(`${RUNS}/run_0/${action}`)).status).toBe(404);
    for (const part of ["", "/steps", "/events", "/stream", "/approvals"])
      expect((await world.get(`${RUNS}/run_0${part}`)).status).toBe(404);
  });

  it("acts for whoever the credentials say, whatever else the request claims", async () => {
    const { runId } = await start("waiter");
    await reaches(runId, "WAITING_SIGNAL");
    const forged = await world.post(
      `${RUNS}/${runId}/cancel`,
      { reason: "x", actor: "user:root" },
      { "x-actor": "user:root" },
    );
    expect(forged.status).toBe(422);
    await world.post(
      `${RUNS}/${runId}/cancel`,
      { reason: "x" },
      {
        "x-actor": "user:root",
        "x-station-user": "user:root",
        "x-approver": "user:root",
        from: "root@example.com",
      },
    );
    const { items } = await world.client.listEvents({ params: { runId } });
    expect(items.at(-1)).toMatchObject({ type: "run.cancelled", actor: "user:ana" });
  });
});

describe("reading", () => {
  it("tells a run's steps and events", async () => {
    const { runId } = await start("quick", { count: 1 });
    await reaches(runId, "COMPLETED");
    const steps = await world.client.listSteps({ params: { runId } });
    expect(steps.items).toMatchObject([
      {
        state: "done",
        type: "inject",
        branch: "",
        index: null,
        status: "SUCCEEDED",
        output: { ok: true },
        durationMs: expect.any(Number),
      },
    ]);
    const all = await world.client.listEvents({ params: { runId } });
    expect(all.items.map(({ seq }) => seq)).toEqual(all.items.map((_, i) => i + 1));
    expect(all.items[0]).toMatchObject({
      seq: 1,
      type: "run.created",
      actor: "user:ana",
      state: null,
      stepId: null,
      branch: null,
      data: { runId, input: { count: 1 } },
    });
    expect(all.items[0]?.data).not.toHaveProperty("type");
    const entered = all.items.find(({ type }) => type === "state.entered");
    expect(entered).toMatchObject({ state: "done", branch: "", stepId: steps.items[0]?.stepId });

    const paged: number[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: { seq: number }[]; nextCursor: string | null } = await world.client.listEvents({
        params: { runId },
        query: { limit: 2, ...(cursor !== null && { cursor }) },
      });
      paged.push(...page.items.map(({ seq }) => seq));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(all.items.map(({ seq }) => seq));
    const rest = await world.client.listEvents({ params: { runId }, query: { after: 2 } });
    expect(rest.items[0]?.seq).toBe(3);
  });

  it("seals every event soon", async () => {
    const { runId } = await start("quick", { count: 1 });
    await reaches(runId, "COMPLETED");
    await eventually(async () => {
      const { items } = await world.client.listEvents({ params: { runId } });
      return items.every(({ hash }) => hash !== null);
    });
  });

  it("pages through runs without losing or repeating one while others are started", async () => {
    await world.client.createWorkflow({ body: { definition: quick("paged") } });
    const before: string[] = [];
    for (let i = 0; i < 7; i++) before.push((await start("paged", { count: i })).runId);
    const seen: RunRow[] = [];
    let path: string | undefined = `${RUNS}?workflowId=paged&limit=3`;
    while (path) {
      const response = await world.get(path);
      seen.push(...((await response.json()) as { items: RunRow[] }).items);
      path = /<(.*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
      await start("paged", { count: 0 });
    }
    expect(seen.map(({ runId }) => runId)).toEqual(before.reverse());
    expect(seen[0]).not.toHaveProperty("input");
  });

  it("refuses a cursor of another list", async () => {
    await start("quick", { count: 1 });
    await start("quick", { count: 1 });
    const { nextCursor } = await world.client.listRuns({ query: { limit: 1, workflowId: "quick" } });
    const asked = (query: string) => world.get(`${RUNS}?cursor=${nextCursor}&${query}`);
    expect((await asked("limit=1&workflowId=quick")).status).toBe(200);
    expect((await asked("limit=5&workflowId=quick")).status).toBe(200);
    const changed = await asked("limit=1&workflowId=gate");
    expect(changed.status).toBe(400);
    expect(await changed.json()).toMatchObject({ code: "bad-request", errors: [{ pointer: "?cursor" }] });
    expect((await world.get(`${RUNS}?cursor=nonsense`)).status).toBe(400);
  });

  it("filters by status and time, and counts", async () => {
    const { runId } = await start("gate");
    await reaches(runId, "WAITING_APPROVAL");
    const waiting = await (
      await world.get(`${RUNS}?status=WAITING_APPROVAL&status=PAUSED&workflowId=gate`)
    ).json();
    expect(waiting).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ runId })]) });
    const none = await world.get(`${RUNS}?startedAfter=2999-01-01T00:00:00Z`);
    expect(await none.json()).toEqual({ items: [], nextCursor: null });
    const { counts } = await world.client.countRuns({ query: { workflowId: "gate" } });
    expect(counts.WAITING_APPROVAL).toBeGreaterThan(0);
    expect(counts.COMPLETED).toBe(0);
  });

  it("says of the runs of a list what they wait for, where that is asked for", async () => {
    const { runId } = await start("gate");
    await reaches(runId, "WAITING_APPROVAL");
    const query = { workflowId: "gate", limit: 1 };
    const [row] = (await world.client.listRuns({ query: { ...query, why: true } })).items;
    expect(row?.why).toMatch(/^waiting for approval of \w+ by /);
    const [bare] = (await world.client.listRuns({ query })).items;
    expect(bare).not.toHaveProperty("why");
  });

  it("tells how the states of a workflow did, and that there is no such workflow", async () => {
    await world.client.createWorkflow({ body: { definition: quick("counted") } });
    const { runId } = await start("counted", { count: 1 });
    await reaches(runId, "COMPLETED");
    const statistics = await world.client.getWorkflowStatistics({ params: { id: "counted" } });
    expect(statistics.runs).toBe(1);
    expect(statistics.states[0]).toMatchObject({ runs: 1, visits: 1, failed: 0, retried: 0 });
    const { items } = await world.client.listWorkflows({ query: { q: "counted" } });
    expect(items[0]?.lastRuns).toEqual([expect.objectContaining({ runId, status: "COMPLETED" })]);
    expect(statistics).toMatchObject({
      successRate30d: 1,
      ended30d: { completed: 1, failed: 0, rejected: 0, cancelled: 0 },
    });
    expect((await world.get("/api/v1/workflows/nobody/statistics")).status).toBe(404);
  });

  it("evaluates an expression over a run's context", async () => {
    const { runId } = await start("quick", { count: 4 });
    await reaches(runId, "COMPLETED");
    const evaluate = (expression: string, more = {}) =>
      world.client.evaluateExpression({ body: { expression, ...more } });
    expect(await evaluate("input.count + 1", { runId })).toMatchObject({ ok: true, value: 5 });
    expect(await evaluate("result.ok", { runId })).toMatchObject({ ok: true, value: true, truth: true });
    expect(await evaluate("ctx.extra", { runId, context: { extra: "x" } })).toMatchObject({ value: "x" });
    expect(await evaluate("a.b[1]", { context: { a: { b: [1, 2] } } })).toMatchObject({ value: 2 });
    expect(await evaluate("1 +")).toMatchObject({ ok: false, error: { kind: "syntax", line: 1 } });
    await expect(evaluate("1", { runId: "run_0" })).rejects.toThrow(ApiError);
  });
});
