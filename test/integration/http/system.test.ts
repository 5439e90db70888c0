import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readDefinition } from "../../../src/adapters/files/definition.ts";
import { QueueUnavailable } from "../../../src/engine/errors.ts";
import { createApp } from "../../../src/http/app.ts";
import { routeList } from "../../../src/http/contract.ts";
import { problemKinds } from "../../../src/http/schemas/problem.ts";
import { quick } from "./definitions.ts";
import { createWorld, type World } from "./world.ts";

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

it("every route of the app is in the table, and the other way round", () => {
  const served = world.app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  const promised = routeList.flatMap(([, { method, path, alias }]) =>
    (alias ? [path, alias] : [path]).map((known) => `${method.toUpperCase()} ${known}`),
  );
  expect(served).toEqual(promised);
});

it("language models find what they need without a key", async () => {
  const response = await world.request("GET", "/llms.txt", {});
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
  expect(await response.text()).toContain("- `POST /api/v1/workflow-runs`: ");
});

it("the OpenAPI document is valid and has every route", async () => {
  const response = await world.get("/api/v1/openapi.json");
  const document = (await response.json()) as {
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
  };
  expect(document.openapi).toBe("3.1.1");
  expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
  for (const [name, { method, path }] of routeList)
    expect(document.paths[path]?.[method]).toMatchObject({ operationId: name });
  expect(JSON.stringify(document)).not.toContain('"~kind"');
});

it("every kind of problem has a page", async () => {
  for (const [kind, meaning] of Object.entries<{ code?: string; title: string }>(problemKinds)) {
    const response = await world.get(`/problems/${meaning.code ?? kind}`);
    expect(await response.text()).toContain(meaning.title);
  }
  expect((await world.get("/problems/nonsense")).status).toBe(404);
});

it("is alive without a store, and asks nobody who they are", async () => {
  const dead = new Proxy({} as World["ports"]["store"], {
    get: (_store, part) =>
      new Proxy(
        {},
        {
          get(_part, name) {
            throw new Error(`the store was asked: ${String(part)}.${String(name)}`);
          },
        },
      ),
  });
  const app = createApp({ ...world.ports, store: dead, authenticate: () => null });
  const response = await app.request("/healthz?probe=1");
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

it("is ready when store and queue answer, and else says which does not and since when", async () => {
  expect(await (await world.get("/readyz")).json()).toEqual({
    status: "ready",
    parts: { store: "ok", queue: "ok" },
  });
  let away: "no" | "refusing" | "silent" = "refusing";
  const queue = Object.assign(Object.create(world.ports.queue), {
    ping() {
      if (away === "no") return world.ports.queue.ping();
      return away === "silent" ? new Promise(() => {}) : Promise.reject(new QueueUnavailable("gone"));
    },
  });
  const app = createApp({ ...world.ports, queue }, { readyTimeoutMs: 20 });
  const since = async () => {
    const response = await app.request("/readyz");
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    const body = (await response.json()) as { code: string; parts: Record<string, { since: string }> };
    expect(body).toMatchObject({ code: "unavailable", parts: { store: "ok" } });
    return body.parts["queue"]?.since;
  };
  const first = await since();
  expect(first).toMatch(/Z$/);
  away = "silent";
  expect(await since()).toBe(first);
  away = "no";
  expect((await app.request("/readyz")).status).toBe(200);
});

it("what a HEAD asks for is not left lying", async () => {
  let isLetGo = false;
  const copy = new ReadableStream<Uint8Array>({
    cancel() {
      isLetGo = true;
    },
  });
  const backups = { snapshot: async () => ({ bytes: 3, stream: copy }) };
  const app = createApp({ ...world.ports, store: { ...world.ports.store, backups } });
  const { status, headers, body } = await app.request("/api/v1/backup", { method: "HEAD" });
  expect([status, headers.get("content-length"), body]).toEqual([200, "3", null]);
  expect(isLetGo).toBe(true);
});

it("lists agents, and finds one by any of its names", async () => {
  const { items } = await world.client.listAgents();
  expect(items).toMatchObject([{ name: "echo", model: "station/script", simulated: true, problems: [] }]);
  expect(await world.client.getAgent({ params: { name: "echo" } })).toMatchObject({
    file: "agents/echo.prompt",
  });
  const response = await world.get("/api/v1/agents/ekho");
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('did you mean "echo"?') });
});

it("an agent says what it is told and who asks it, and agents that nobody wrote are named", async () => {
  const asks = (id: string, agent: string) => `id: ${id}
version: "1.0"
states:
  - { name: call, type: operation, action: agent.run, input: { agent: ${agent}, task: hello }, end: true }
`;
  await world.client.createWorkflow({ body: { definition: asks("calls-echo", "echo") } });
  const publish = async (text: string) => {
    const { definition } = readDefinition({ text, format: "yaml", file: "request" });
    if (!definition) throw new Error("the definition cannot be read");
    const about = { environment: "default", source: text, sourceFormat: "yaml", origin: "api" } as const;
    const event = {
      at: world.ports.clock.now(),
      by: "user:ana",
      channel: "api",
      eventId: "adm_agents",
    } as const;
    await world.ports.store.workflows.publish({ ...about, definition, ...event });
  };
  await publish(asks("calls-gone", "gone"));
  const { items, missing } = await world.client.listAgents();
  expect(items[0]?.usedBy).toEqual([{ workflowId: "calls-echo", states: ["call"] }]);
  expect(missing).toEqual([{ name: "gone", usedBy: [{ workflowId: "calls-gone", states: ["call"] }] }]);
  expect(await world.client.getAgent({ params: { name: "echo" } })).toMatchObject({
    prompt: "Say it.\n",
    usedBy: [{ workflowId: "calls-echo", states: ["call"] }],
  });
});

it("an agent that nobody has asked yet has no runs, and one that is not there is no such agent", async () => {
  expect((await world.client.listAgentUses({ params: { name: "echo" } })).items).toEqual([]);
  expect((await world.get("/api/v1/agents/ekho/uses")).status).toBe(404);
});

it("syncs in the name of the caller", async () => {
  world.files.push({ kind: "workflow", path: "workflows/filed.workflow.yaml", text: quick("filed") });
  expect(await (await world.request("POST", "/api/v1/sync")).json()).toMatchObject({
    environment: "default",
  });
  expect(await world.client.listWorkflowVersions({ params: { id: "filed" } })).toMatchObject({
    items: [{ version: 1, createdBy: "user:ana" }],
  });
});

it("refuses to sync an environment that it has no folder of: nothing must be taken for deleted", async () => {
  const refused = await world.post("/api/v1/sync", { environment: "staging" });
  expect(refused.status).toBe(404);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("(it has default, prod)") });
});

it("gives editors the schema of the language, also to those that send no key", async () => {
  world.as(null);
  const response = await world.get("/api/v1/schemas/workflow.json");
  world.as("user:ana");
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    required: ["id", "states"],
  });
});
