import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quick } from "./definitions.ts";
import { createWorld, type World } from "./world.ts";

const YAML = { "content-type": "application/yaml" };
type Page = { readonly items: readonly { readonly id: string }[]; readonly nextCursor: string | null };

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const create = (id: string) => world.request("POST", "/api/v1/workflows", { body: quick(id), headers: YAML });

describe("workflows", () => {
  it("are created from YAML and keep the author's own text", async () => {
    const response = await create("from-yaml");
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe("/api/v1/workflows/from-yaml?environment=default");
    expect(response.headers.get("etag")).toBe('"1"');
    expect(await response.json()).toMatchObject({
      id: "from-yaml",
      version: 1,
      name: "Quick from-yaml",
      description: null,
      status: "active",
      environment: "default",
      source: quick("from-yaml"),
      sourceFormat: "yaml",
      origin: "api",
      validation: { errors: [] },
    });
  });

  it("are created once by a request that comes again, also after they have changed", async () => {
    const request = (id: string, key: string) =>
      world.request("POST", "/api/v1/workflows", {
        body: quick(id),
        headers: { ...YAML, "idempotency-key": key },
      });
    const together = await Promise.all([request("repeated", "one"), request("repeated", "one")]);
    expect(together.map(({ status }) => status)).toEqual([201, 201]);
    expect(together.map(({ headers }) => headers.get("idempotent-replayed")).sort()).toEqual(
      ["true", null].sort(),
    );
    const change = { body: quick("repeated").replace("Quick", "Quicker"), headers: YAML };
    expect((await world.request("PUT", "/api/v1/workflows/repeated", change)).status).toBe(200);
    const late = await request("repeated", "one");
    expect(late.headers.get("idempotent-replayed")).toBe("true");
    expect(await late.json()).toMatchObject({ id: "repeated", version: 1 });
    expect(await (await request("other", "one")).json()).toMatchObject({
      status: 422,
      code: "idempotency-key-reused",
    });
    expect(await (await request("repeated", "two")).json()).toMatchObject({ code: "workflow-exists" });
  });

  it("are created from a JSON object, which is its own source", async () => {
    const text =
      '{ "id": "from-json", "version": "1", "name": "J",\n "states": [{"name":"a","type":"inject","data":{},"end":true}]}';
    const response = await world.request("POST", "/api/v1/workflows", {
      body: text,
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ source: text, sourceFormat: "json" });
  });

  it("are created from an envelope, in the environment it names", async () => {
    const response = await world.post("/api/v1/workflows", {
      definition: quick("enveloped"),
      environment: "staging",
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ environment: "staging", source: quick("enveloped") });
    expect((await world.get("/api/v1/workflows/enveloped")).status).toBe(404);
    expect((await world.get("/api/v1/workflows/enveloped?environment=staging")).status).toBe(200);
  });

  it("are refused when body and address name different environments", async () => {
    const body = { definition: quick("torn"), environment: "staging" };
    expect((await world.post("/api/v1/workflows?environment=default", body)).status).toBe(400);
  });

  it("make a new version by PUT, and none when nothing changed", async () => {
    await create("versioned");
    const put = (text: string, headers = {}) =>
      world.request("PUT", "/api/v1/workflows/versioned", { body: text, headers: { ...YAML, ...headers } });
    expect(await (await put(quick("versioned"))).json()).toMatchObject({ version: 1 });
    const changed = quick("versioned").replace("ok: true", "ok: false");
    const second = await put(changed, { "if-match": '"1"' });
    expect(await second.json()).toMatchObject({ version: 2 });
    expect(second.headers.get("etag")).toBe('"2"');

    const stale = await put(quick("versioned"), { "if-match": '"1"' });
    expect(stale.status).toBe(412);
    expect(await stale.json()).toMatchObject({ code: "version-mismatch", currentVersion: 2 });

    const versions = await (await world.get("/api/v1/workflows/versioned/versions")).json();
    expect(versions).toMatchObject({
      items: [
        { version: 2, authorVersion: "1.0", createdBy: "user:ana" },
        { version: 1, authorVersion: "1.0", createdBy: "user:ana" },
      ],
      nextCursor: null,
    });
    const first = await (await world.get("/api/v1/workflows/versioned/versions/1")).json();
    expect(first).toMatchObject({ version: 1, source: quick("versioned") });
    expect((await world.get("/api/v1/workflows/versioned/versions/3")).status).toBe(404);
    expect((await world.get("/api/v1/workflows/versioned/versions/last")).status).toBe(404);
  });

  it("keep their id", async () => {
    await create("mine");
    const response = await world.request("PUT", "/api/v1/workflows/mine", {
      body: quick("yours"),
      headers: YAML,
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ pointer: "/id", message: 'must be "mine"' }] });
  });

  it("are not updated into being", async () => {
    const response = await world.request("PUT", "/api/v1/workflows/ghost", {
      body: quick("ghost"),
      headers: YAML,
    });
    expect(response.status).toBe(404);
  });

  it("that are invalid are refused with every finding at its line", async () => {
    const broken = quick("broken").replace("type: inject", "type: injekt");
    const response = await world.request("POST", "/api/v1/workflows", { body: broken, headers: YAML });
    expect(response.status).toBe(400);
    const problem = await response.json();
    expect(problem).toMatchObject({
      code: "workflow-invalid",
      errors: [{ pointer: "/states/0/type", code: "UNKNOWN_STATE_TYPE", line: 11 }],
      validation: { errors: [{ code: "UNKNOWN_STATE_TYPE", severity: "error" }] },
    });

    const checked = await world.request("POST", "/api/v1/workflows/validate", {
      body: broken,
      headers: YAML,
    });
    expect(checked.status).toBe(200);
    expect(await checked.json()).toMatchObject({ valid: false, errors: [{ code: "UNKNOWN_STATE_TYPE" }] });
  });

  it("that name an agent nobody has are refused", async () => {
    const definition = {
      id: "agentless",
      version: "1",
      name: "Agentless",
      states: [
        { name: "a", type: "operation", action: "agent.run", input: { agent: "ecko", task: "x" }, end: true },
      ],
    };
    const response = await world.post("/api/v1/workflows", { definition });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ code: "AGENT_NOT_FOUND" }] });
  });

  it("are validated without being kept", async () => {
    const response = await world.request("POST", "/api/v1/workflows/validate", {
      body: quick("v"),
      headers: YAML,
    });
    expect(await response.json()).toMatchObject({ valid: true, errors: [] });
    expect((await world.get("/api/v1/workflows/v")).status).toBe(404);
  });

  it("are listed by id, filtered and paged", async () => {
    for (const id of ["list-c", "list-a", "list-b"]) await create(id);
    await world.post("/api/v1/workflows/list-b/disable");
    const first = await world.get("/api/v1/workflows?q=LIST&limit=2");
    const page = (await first.json()) as Page;
    expect(page.items.map(({ id }) => id)).toEqual(["list-a", "list-b"]);
    expect(page.items[1]).toMatchObject({ status: "disabled", lastRunAt: null, successRate30d: null });
    const next = /<(.*)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1];
    const second = await (await world.get(next ?? "")).json();
    expect(second).toMatchObject({ items: [{ id: "list-c" }], nextCursor: null });
    const active = (await (await world.get("/api/v1/workflows?q=list&status=active")).json()) as Page;
    expect(active.items).toHaveLength(2);
    expect((await world.get(`/api/v1/workflows?q=other&cursor=${page.nextCursor}`)).status).toBe(400);
  });

  it("are deleted while they have no runs", async () => {
    await create("short-lived");
    expect((await world.request("DELETE", "/api/v1/workflows/short-lived")).status).toBe(204);
    expect((await world.request("DELETE", "/api/v1/workflows/short-lived")).status).toBe(404);
    await create("long-lived");
    await world.post("/api/v1/workflow-runs", { workflowId: "long-lived", input: { count: 1 } });
    const refused = await world.request("DELETE", "/api/v1/workflows/long-lived");
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: "workflow-has-runs" });
  });

  it("that are deleted leave nothing behind for another of their name", async () => {
    const start = (input: object) => world.post("/api/v1/workflow-runs", { workflowId: "reborn", input });
    await create("reborn");
    expect((await start({})).status).toBe(400);
    expect((await world.request("DELETE", "/api/v1/workflows/reborn")).status).toBe(204);
    const body = quick("reborn").replaceAll("count", "amount");
    const reborn = await world.request("POST", "/api/v1/workflows", { body, headers: YAML });
    expect(await reborn.json()).toMatchObject({ version: 2 });
    expect((await start({ amount: 1 })).status).toBe(201);
  });

  it("refuse new runs while they are disabled", async () => {
    await create("resting");
    const disabled = await world.post("/api/v1/workflows/resting/disable");
    expect(await disabled.json()).toMatchObject({ status: "disabled" });
    const start = () => world.post("/api/v1/workflow-runs", { workflowId: "resting", input: { count: 1 } });
    const refused = await start();
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: "workflow-disabled" });
    await world.post("/api/v1/workflows/resting/enable");
    expect((await start()).status).toBe(201);
    expect((await world.post("/api/v1/workflows/nobody/enable")).status).toBe(404);
  });

  it("answer a repeated request with the run it started, also when it would be refused by now", async () => {
    await create("repeated");
    const body = { workflowId: "repeated", input: { count: 1 } };
    const start = () => world.post("/api/v1/workflow-runs", body, { "idempotency-key": "once-1" });
    const first = (await (await start()).json()) as { runId: string };
    await world.post("/api/v1/workflows/repeated/disable");
    const again = await start();
    expect(again.status).toBe(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.json()).toMatchObject({ runId: first.runId });
  });
});
