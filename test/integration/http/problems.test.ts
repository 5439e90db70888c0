import { afterAll, beforeAll, expect, it } from "vitest";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import { QueueUnavailable, StoreUnavailable } from "../../../src/engine/errors.ts";
import { createApp } from "../../../src/http/app.ts";
import { localUser } from "../../../src/http/auth/local-user.ts";
import type { Problem } from "../../../src/http/schemas/problem.ts";
import { checkAnswer } from "./answers.ts";
import { quick } from "./definitions.ts";
import { createWorld, type World } from "./world.ts";

const RUNS = "/api/v1/workflow-runs";
const JSON_TYPE = { "content-type": "application/json" };
let world: World;

beforeAll(async () => {
  world = await createWorld();
  await world.client.createWorkflow({ body: { definition: quick("quick") } });
});
afterAll(() => world.close());

async function problem(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return (await response.json()) as Problem;
}

it("malformed JSON is refused at its position", async () => {
  const response = await world.request("POST", RUNS, {
    body: '{"workflowId":\n  quick}',
    headers: JSON_TYPE,
  });
  expect(response.status).toBe(400);
  expect(await problem(response)).toMatchObject({
    type: "/problems/bad-request",
    title: "The request cannot be understood",
    code: "bad-request",
    detail: expect.stringContaining("line 2, column 3"),
    errors: [{ pointer: "", line: 2, column: 3 }],
  });
});

it("an id that a number does not hold is refused where it stands, before it becomes another", async () => {
  const start = (id: string) =>
    world.request("POST", RUNS, {
      body: `{"workflowId": "quick",\n "input": {"id": ${id}, "count": 1}}`,
      headers: JSON_TYPE,
    });
  const response = await start("12345678901234567890");
  expect(response.status).toBe(400);
  expect(await problem(response)).toMatchObject({
    detail: expect.stringContaining("12345678901234567890 would become 12345678901234567000"),
    errors: [{ line: 2, column: 18 }],
  });
  const taken = await start('"12345678901234567890"');
  expect(await taken.json()).toMatchObject({ input: { id: "12345678901234567890" } });
});

it("a body that is not UTF-8 is refused", async () => {
  const response = await world.request("POST", RUNS, {
    body: new Uint8Array([0x22, 0xff, 0x22]),
    headers: JSON_TYPE,
  });
  expect(response.status).toBe(400);
});

it("a body of the wrong shape is refused at every fault, with the key that was meant", async () => {
  const response = await world.post(RUNS, { workflowID: "quick", input: [], version: 0 });
  expect(response.status).toBe(422);
  const { code, errors = [] } = await problem(response);
  expect(code).toBe("validation");
  expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
    "/input",
    "/version",
    "/workflowID",
    "/workflowId",
  ]);
  expect(errors.find(({ pointer }) => pointer === "/workflowID")?.hint).toContain("workflowId");
});

it("a definition that is no object, and a misspelled envelope, are refused", async () => {
  expect((await world.post("/api/v1/workflows", "text")).status).toBe(422);
  const response = await world.post("/api/v1/workflows", { definition: quick("x"), enviroment: "staging" });
  expect(response.status).toBe(422);
  expect((await problem(response)).errors?.[0]).toMatchObject({ pointer: "/enviroment" });
});

it("a bad query is refused, with the parameter that was meant", async () => {
  const misspelled = await world.get(`${RUNS}?workflowid=quick`);
  expect(misspelled.status).toBe(400);
  expect((await problem(misspelled)).errors).toMatchObject([
    { pointer: "?workflowid", hint: 'did you mean "workflowId"?' },
  ]);
  for (const query of [
    "limit=0",
    "limit=201",
    "limit=ten",
    "limit=5&limit=6",
    "status=BUSY",
    "startedAfter=monday",
  ])
    expect((await world.get(`${RUNS}?${query}`)).status, query).toBe(400);
});

it("a body that is too large is refused, with and without its length", async () => {
  const body = JSON.stringify({ workflowId: "quick", input: { text: "x".repeat(1024 * 1024) } });
  const known = await world.request("POST", RUNS, {
    body,
    headers: { ...JSON_TYPE, "content-length": String(body.length) },
  });
  expect(known.status).toBe(413);
  const bytes = new TextEncoder().encode(body);
  const chunks = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.subarray(0, 1000));
      controller.enqueue(bytes.subarray(1000));
      controller.close();
    },
  });
  const unknown = await world.request("POST", RUNS, { body: chunks, headers: JSON_TYPE, duplex: "half" });
  expect(unknown.status).toBe(413);
  expect(await problem(unknown)).toMatchObject({ code: "too-large" });
});

it("a body of another type is refused with the types that are taken", async () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const response = await world.request("POST", RUNS, { body: "workflowId=quick", headers: form });
  expect(response.status).toBe(415);
  expect(response.headers.get("accept")).toBe("application/json");
  const yaml = await world.request("POST", RUNS, {
    body: "a: 1",
    headers: { "content-type": "application/yaml" },
  });
  expect(yaml.status).toBe(415);
  expect((await world.request("POST", "/api/v1/workflows", { body: "a: 1" })).status).toBe(415);
  const charset = { "content-type": "application/json; charset=utf-8" };
  expect((await world.request("POST", RUNS, { body: "{}", headers: charset })).status).toBe(422);
});

it("an address nobody answers is refused, and says what would be answered", async () => {
  const response = await world.get("/api/v1/nothing");
  expect(response.status).toBe(404);
  expect(await problem(response)).toMatchObject({ code: "not-found" });
  const method = await world.request("PUT", RUNS);
  expect(method.status).toBe(404);
  expect((await problem(method)).detail).toContain("GET");
  const slash = await world.app.request(`${RUNS}/`);
  expect((await problem(slash)).detail).toBe(`there is no GET ${RUNS}/`);
});

it("a search for more than anybody writes is refused, wherever it is asked for", async () => {
  const q = "x".repeat(60_000);
  for (const address of [RUNS, `${RUNS}/counts`]) {
    const response = await world.get(`${address}?q=${q}`);
    expect(response.status).toBe(400);
    expect(await problem(response)).toMatchObject({ errors: [{ pointer: "?q" }] });
  }
  const bulk = await world.post(`${RUNS}/bulk`, { action: "cancel", filter: { q }, dryRun: true });
  expect(bulk.status).toBe(422);
  expect(await problem(bulk)).toMatchObject({ errors: [{ pointer: "/filter/q" }] });
});

it("an unusable idempotency key is refused", async () => {
  const send = (key: string) =>
    world.post(RUNS, { workflowId: "quick", input: { count: 1 } }, { "idempotency-key": key });
  expect((await send("k".repeat(256))).status).toBe(400);
  expect((await send("k".repeat(255))).status).toBe(201);
});

it("whoever is not known is asked who they are, before anything else is looked at", async () => {
  world.as(null);
  const response = await world.request("POST", RUNS, { body: "{" });
  world.as("user:ana");
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toContain("Bearer");
});

it("with authentication off everybody is the local user, except a page of another site that wants to write", async () => {
  const app = createApp({ ...world.ports, authenticate: localUser() });
  const send = async (headers: Record<string, string>) => {
    const response = await app.request("http://localhost:8585/api/v1/workflow-runs", {
      method: "POST",
      headers: { ...JSON_TYPE, ...headers },
      body: JSON.stringify({ workflowId: "quick", input: { count: 1 } }),
    });
    await checkAnswer(createSchemas(), "POST", RUNS, response.clone());
    return response;
  };
  const own = await send({ origin: "http://localhost:8585", authorization: "Bearer root" });
  expect(await own.json()).toMatchObject({ startedBy: "user:local" });
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
  ]) {
    const foreign = await send(headers as unknown as Record<string, string>);
    expect(foreign.status).toBe(403);
    expect(await problem(foreign)).toMatchObject({ code: "forbidden" });
  }
});

it("a request names its id and trace, and what the caller sent as id is kept", async () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const response = await world.get("/nowhere", { "x-request-id": "abc-1", traceparent });
  expect(await problem(response)).toMatchObject({
    instance: "urn:request:abc-1",
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  });
  const odd = await world.get("/nowhere", { "x-request-id": "a b\tc" });
  expect(odd.headers.get("x-request-id")).toMatch(/^req_/);
});

it("every request is one line of the log", async () => {
  world.lines.length = 0;
  await world.get(`${RUNS}/run_0`, { "x-request-id": "line" });
  expect(world.lines).toEqual([
    {
      message: "request",
      facts: {
        request_id: "line",
        method: "GET",
        path: `${RUNS}/run_0`,
        route: "/api/v1/workflow-runs/:runId",
        status: 404,
        duration_ms: expect.any(Number),
        principal: "user:ana",
        problem: "not-found",
      },
    },
  ]);
});

it("answers carry headers that keep browsers from guessing", async () => {
  const { headers } = await world.get("/healthz");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
});

it("a store or queue that is away is a 503 that says when to come back, and a mistake of ours a 500 that tells nothing", async () => {
  const sync = (error: Error) =>
    createApp({
      ...world.ports,
      files: { ...world.ports.files, list: () => Promise.reject(error) },
    }).request("/api/v1/sync", { method: "POST" });
  const store = await sync(new StoreUnavailable("libsql://secret@host"));
  expect(store.status).toBe(503);
  expect(store.headers.get("retry-after")).toBe("5");
  expect(await problem(store)).toMatchObject({ code: "unavailable", part: "store" });
  const queue = await sync(new QueueUnavailable("nats://secret@host"));
  expect(await problem(queue)).toMatchObject({ status: 503, part: "queue" });
  world.lines.length = 0;
  const mistake = await sync(new Error("secret"));
  expect(mistake.status).toBe(500);
  const body = await mistake.text();
  expect(body).not.toContain("secret");
  expect(world.lines[0]).toMatchObject({
    message: "request failed",
    facts: { error: expect.stringContaining("secret") },
  });
});
