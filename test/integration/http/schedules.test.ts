import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Principal } from "../../../src/core/identity/principal.ts";
import { followWorkflows } from "../../../src/engine/declared-schedules.ts";
import { runScheduler } from "../../../src/engine/scheduler.ts";
import type { Problem } from "../../../src/http/schemas/problem.ts";
import { waiter } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

const report = `${waiter("report")}inputSchema:
  type: object
  properties: { region: { type: string } }
  required: [region]
  additionalProperties: false
`;
const nightly = {
  name: "nightly-eu",
  workflowId: "report",
  cron: "30 2 * * *",
  timezone: "Europe/Berlin",
  input: { region: "eu" },
};
const path = "/api/v1/schedules";
const problemIn = async (response: Response) => (await response.json()) as Problem;

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.client.createWorkflow({ body: { definition: report } });
});
beforeEach(() => world.as("user:ana"));
afterEach(async () => {
  world.as("user:ana");
  const { items } = await world.client.listSchedules({ query: {} });
  for (const { name, origin } of items)
    if (origin === "api") await world.client.deleteSchedule({ params: { name } });
});
afterAll(() => world.close());

const operator: Principal = {
  kind: "user",
  id: "user:otto",
  name: "Otto",
  teams: [],
  roles: [{ role: "operator", environment: "default" }],
};

describe("a schedule", () => {
  test("is made, shown, changed and deleted", async () => {
    const made = await world.post(path, nightly);
    expect([made.status, made.headers.get("location")]).toEqual([
      201,
      "/api/v1/schedules/nightly-eu?environment=default",
    ]);
    expect(await made.json()).toMatchObject({
      name: "nightly-eu",
      origin: "api",
      status: "active",
      cron: "30 2 * * *",
      timezone: "Europe/Berlin",
      everySeconds: null,
      overlap: "skip",
      catchUpSeconds: 3600,
      createdBy: "user:ana",
      last: null,
    });
    const again = await world.post(path, nightly);
    expect([again.status, (await problemIn(again)).code]).toEqual([409, "schedule-exists"]);
    const update = { workflowId: "report", everySeconds: 900, input: { region: "us" } };
    const changed = await world.client.updateSchedule({ params: { name: "nightly-eu" }, body: update });
    expect(changed).toMatchObject({ cron: null, everySeconds: 900, anchorAt: "1970-01-01T00:00:00.000Z" });
    await world.client.deleteSchedule({ params: { name: "nightly-eu" } });
    expect((await world.get(`${path}/nightly-eu`)).status).toBe(404);
    const { items } = await world.client.listAdminEvents({ query: { limit: 3 } });
    expect(items.map(({ action, subject, actor }) => [action, subject, actor])).toEqual([
      ["schedule.deleted", "schedule:default/nightly-eu", "user:ana"],
      ["schedule.updated", "schedule:default/nightly-eu", "user:ana"],
      ["schedule.created", "schedule:default/nightly-eu", "user:ana"],
    ]);
  });

  test("is listed page by page, by its workflow too", async () => {
    for (const name of ["c", "a", "b"]) await world.client.createSchedule({ body: { ...nightly, name } });
    const first = await world.client.listSchedules({ query: { limit: 2 } });
    expect(first.items.map(({ name }) => name)).toEqual(["a", "b"]);
    const cursor = first.nextCursor ?? "";
    const rest = await world.client.listSchedules({ query: { limit: 2, cursor } });
    expect([rest.items.map(({ name }) => name), rest.nextCursor]).toEqual([["c"], null]);
    expect((await world.client.listSchedules({ query: { workflowId: "other" } })).items).toEqual([]);
    expect((await world.get(`${path}?workflowId=report&cursor=${cursor}`)).status).toBe(400);
    const [version, at, , filter] = JSON.parse(Buffer.from(cursor, "base64url").toString());
    for (const id of ["", "null", "x", "[1]", '["default"]', "{}"]) {
      const forged = Buffer.from(JSON.stringify([version, at, id, filter])).toString("base64url");
      expect((await world.get(`${path}?cursor=${forged}`)).status, id).toBe(400);
    }
  });

  test("says when it fires next, in UTC and by its clocks", async () => {
    await world.client.createSchedule({ body: nightly });
    const { timezone, items } = await world.client.nextTicks({
      params: { name: "nightly-eu" },
      query: { count: 3 },
    });
    expect([timezone, items.length]).toEqual(["Europe/Berlin", 3]);
    expect(items.every(({ local }) => /T(02:30|03:00):00\+0[12]:00$/.test(local))).toBe(true);
    expect(items.every(({ at, local }) => Date.parse(at) === Date.parse(local))).toBe(true);
    const got = await world.client.getSchedule({ params: { name: "nightly-eu" } });
    expect(got.nextAt).toBe(items[0]?.at);
  });

  test("is found in spite of a slip of the pen, as far as a hint goes", async () => {
    await world.client.createSchedule({ body: nightly });
    const missed = await world.get(`${path}/nightly-ue`);
    expect((await problemIn(missed)).detail).toContain('did you mean "nightly-eu"?');
  });
});

describe("what makes no schedule is refused at its place", () => {
  const { cron: _, timezone: __, ...bare } = nightly;
  test.each([
    ["no time", {}, "/cron", "is missing"],
    ["two times", { cron: "@daily", everySeconds: 60 }, "/everySeconds", "says when as well as cron does"],
    ["an hour that is none", { cron: "0 25 * * *" }, "/cron", 'hour: "25" is not a number from 0 to 23'],
    ["seconds", { cron: "0 30 2 * * *" }, "/cron", 'without seconds: "30 2 * * *"'],
    ["a macro that is none", { cron: "@dayly" }, "/cron", 'did you mean "@daily"?'],
    ["a zone that is none", { cron: "@daily", timezone: "Europe/Berln" }, "/timezone", "Europe/Berlin"],
    ["an offset", { cron: "@daily", timezone: "+01:00" }, "/timezone", "daylight saving"],
    ["a zone for an interval", { everySeconds: 60, timezone: "UTC" }, "/timezone", "knows no clocks"],
    [
      "an end before the start",
      { cron: "@daily", startAt: "2027-01-02T00:00:00Z", endAt: "2027-01-01T00:00:00Z" },
      "/endAt",
      "later",
    ],
  ])("%s", async (_name, change, pointer, words) => {
    const refused = await world.post(path, { ...bare, ...change });
    const problem = await problemIn(refused);
    expect([refused.status, problem.code, problem.errors?.[0]?.pointer]).toEqual([
      422,
      "validation",
      pointer,
    ]);
    expect(JSON.stringify(problem).replaceAll("\\", "")).toContain(words);
  });

  test("an input that the workflow refuses, or that cannot be made", async () => {
    const misfit = await world.post(path, { ...nightly, input: { region: 1 } });
    const problem = await problemIn(misfit);
    expect([misfit.status, problem.code, problem.errors?.[0]?.pointer]).toEqual([
      400,
      "validation",
      "/input/region",
    ]);
    const unknown = await world.post(path, { ...nightly, input: { region: "{{ nothing }}" } });
    expect([unknown.status, (await problemIn(unknown)).errors?.[0]?.pointer]).toEqual([400, "/input"]);
    const fine = await world.post(path, { ...nightly, input: { region: "{{ _cronTimezone.lower() }}" } });
    expect(fine.status).toBe(201);
  });

  test("a workflow that is not there", async () => {
    const missing = await world.post(path, { ...nightly, workflowId: "reprot" });
    expect([missing.status, (await problemIn(missing)).detail]).toEqual([
      404,
      'workflow "reprot" in environment "default" (did you mean "report"?) not found',
    ]);
  });
});

describe("an operator", () => {
  const params = { name: "nightly-eu" };
  beforeEach(async () => {
    await world.client.createSchedule({ body: nightly });
    world.as(operator);
  });

  test("pauses a schedule with a reason, and lets it go on", async () => {
    const paused = await world.client.pauseSchedule({ params, body: { reason: "maintenance" } });
    expect(paused).toMatchObject({
      status: "paused",
      nextAt: null,
      paused: { by: "user:otto", reason: "maintenance" },
    });
    expect(await world.client.resumeSchedule({ params })).toMatchObject({ status: "active", paused: null });
  });

  test("fires it by hand, once for each key, and is told when an earlier run is in the way", async () => {
    const first = await world.client.triggerSchedule({ params, body: {}, idempotencyKey: "one" });
    expect(first).toMatchObject({ status: "started", triggeredBy: "user:otto", runStatus: "PENDING" });
    expect(await world.client.triggerSchedule({ params, body: {}, idempotencyKey: "one" })).toEqual(first);
    const second = await world.client.triggerSchedule({ params, body: {} });
    expect(second).toMatchObject({ status: "skipped", reason: `run ${first.runId} has not ended` });
    const forced = await world.client.triggerSchedule({ params, body: { force: true } });
    expect(forced.status).toBe("started");
    const history = await world.client.listTicks({ params, query: { limit: 2 } });
    expect(history.items.map(({ status }) => status)).toEqual(["started", "skipped"]);
    const more = await world.client.listTicks({
      params,
      query: { limit: 2, cursor: history.nextCursor ?? "" },
    });
    expect(more.items).toEqual([first]);
    const run = await world.client.getRun({ params: { runId: first.runId ?? "" } });
    expect(run).toMatchObject({
      startedBy: "user:otto",
      input: { region: "eu", _cronTimezone: "Europe/Berlin" },
    });
  });

  test("neither makes, changes nor deletes one", async () => {
    const { name: _name, ...update } = nightly;
    for (const [method, at, body] of [
      ["POST", path, { ...nightly, name: "other" }],
      ["PUT", `${path}/nightly-eu`, update],
      ["DELETE", `${path}/nightly-eu`, {}],
    ] as const)
      expect((await world.json(method, at, body)).status).toBe(403);
  });
});

test("a schedule that a workflow declares is paused here and changed there", async () => {
  const definition = `${waiter("hourly")}schedule: { cron: "@hourly" }
`;
  await world.client.createWorkflow({ body: { definition } });
  await followWorkflows(world.ports)();
  const params = { name: "workflow:hourly" };
  expect(await world.client.getSchedule({ params })).toMatchObject({ origin: "workflow", cron: "@hourly" });
  const address = `${path}/workflow%3Ahourly`;
  const changed = await world.json("PUT", address, { workflowId: "hourly", everySeconds: 5 });
  expect([changed.status, (await problemIn(changed)).code]).toEqual([409, "schedule-declared"]);
  expect((await world.request("DELETE", address)).status).toBe(409);
  expect(await world.client.pauseSchedule({ params, body: {} })).toMatchObject({ status: "paused" });
});

describe("while the scheduler is at work", () => {
  const stopping = new AbortController();
  let scheduler: Promise<void>;
  let works: World;
  beforeAll(async () => {
    works = await createWorld({ works: true });
    scheduler = runScheduler(works.ports, { pollMs: 50, batch: 64 }, stopping.signal);
  });
  afterAll(async () => {
    stopping.abort();
    await scheduler;
    await works.close();
  });

  test("runs start by themselves and end, and the history tells so", async () => {
    await works.client.createWorkflow({ body: { definition: waiter("report") } });
    const body = { name: "secondly", workflowId: "report", everySeconds: 1, overlap: "allow" } as const;
    await works.client.createSchedule({ body });
    const params = { name: "secondly" };
    const ticks = await eventually(async () => {
      const { items } = await works.client.listTicks({ params, query: {} });
      const started = items.filter(({ runStatus }) => runStatus === "WAITING_SIGNAL");
      return started.length >= 2 && started;
    });
    const run = await works.client.getRun({ params: { runId: ticks[0]?.runId ?? "" } });
    expect(run).toMatchObject({ startedBy: "schedule:secondly", status: "WAITING_SIGNAL" });
    await works.client.deleteSchedule({ params });
  });
});
