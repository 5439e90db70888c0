import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sample } from "../../../src/adapters/agents/sample.ts";
import { mayDo } from "../../../src/core/identity/may-do.ts";
import { ROLES, SCOPES } from "../../../src/core/identity/permissions.ts";
import type { Principal } from "../../../src/core/identity/principal.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { samplePayload } from "../../../src/core/notify/sample.ts";
import type { RunId } from "../../../src/core/run/ids.ts";
import { followWorkflows } from "../../../src/engine/declared-schedules.ts";
import { createHook } from "../../../src/engine/webhook/hooks.ts";
import { routeList } from "../../../src/http/contract.ts";
import type { Route } from "../../../src/http/routes/route.ts";
import { memoryTools, says } from "../../support/memory-tools.ts";
import { gate } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

// Every route of the table, for every kind of caller, in the caller's own environment and from another one.

const HERE = "prod";
const HOOK = { kind: "webhook" as const, url: "https://station.example/hook" };
/** An agent whose turns are kept, and a workflow that asks it. */
const LOOKS = `---
model: station/script
metadata: { name: looks, description: Looks }
tools: [look]
script: [{ call: { tool: look } }, { output: { ok: true } }]
---
Look.
`;
const LOOKING = JSON.stringify({
  id: "looking",
  states: [{ name: "ask", type: "agent", agent: "looks", end: true }],
});
const PARAMETER = /([\w-]+)\/\{\w+\}/g;
let world: World;
/** Things that are there, by the parameter that asks for one and what stands before it. */
let there: Record<string, string>;

beforeAll(async () => {
  const { source: tools } = memoryTools({ look: { does: () => says("nothing") } });
  world = await createWorld({ works: true, prompts: [LOOKS], tools });
  world.files.push({ kind: "workflow", path: "workflows/gate.workflow.yaml", text: gate("gate") });
  await world.client.sync({ body: { environment: HERE } });
  const { runId } = await world.client.startRun({ body: { workflowId: "gate", environment: HERE } });
  const { approvalId } = await eventually(async () => {
    const { items } = await world.client.listRunApprovals({ params: { runId } });
    return items[0];
  });
  const hook = await world.client.createHook({
    body: {
      name: "there",
      environment: HERE,
      scheme: { type: "bearer" },
      target: { type: "start-run", workflowId: "gate" },
    },
  });
  const sent = await world.app.request(hook.path, {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json", authorization: `Bearer ${hook.secret}` },
  });
  const { deliveryId } = (await sent.json()) as { deliveryId: string };
  const { notifications } = world.ports.store;
  await world.client.createSubscription({
    body: { name: "ops", environment: HERE, types: ["run.failed"], channel: HOOK },
  });
  // What is on its way to it waits.
  await world.client.disableSubscription({ params: { name: "ops" }, query: { environment: HERE } });
  const { id: subscriptionId = "" } = (await notifications.find(HERE, "ops")) ?? {};
  const told = { recipient: null, approvalId: null, payload: samplePayload("run.failed"), createdAt: 0 };
  const notification = { id: "ntf_1", subscriptionId, runId: runId as RunId, ...told };
  await notifications.enqueue([notification], { name: "test", to: 1 });
  const yearly = `${gate("yearly")}schedule: { cron: "@yearly" }
`;
  await world.client.createWorkflow({ body: { definition: yearly, environment: HERE } });
  await followWorkflows(world.ports)();
  await world.client.createWorkflow({ body: { definition: LOOKING, environment: HERE } });
  const { runId: looking } = await world.client.startRun({
    body: { workflowId: "looking", environment: HERE },
  });
  const { agentRunId } = await eventually(async () => {
    const { items } = await world.client.listAgentRuns({ params: { runId: looking } });
    return items[0];
  });
  there = {
    "agent-runs/{agentRunId}": agentRunId,
    "schedules/{name}": "workflow:yearly",
    "hooks/{hookId}": hook.hookId,
    "deliveries/{deliveryId}": deliveryId,
    "deliveries/{notificationId}": "ntf_1",
    "workflows/{id}": "gate",
    "workflow-runs/{runId}": runId,
    "workflow-approvals/{approvalId}": approvalId,
    "approvals/{approvalId}": approvalId,
    "agents/{name}": "echo",
    "versions/{version}": "1",
  };
});
afterAll(() => world.close());

const people = (environment: string): Principal[] =>
  ROLES.map((role) => ({
    kind: "user",
    id: `user:${role}@${environment}`,
    name: role,
    teams: [],
    roles: [{ role, environment }],
  }));
const keys = (environment: string): Principal[] =>
  SCOPES.map((scope) => ({
    kind: "key",
    id: `key:${environment}/${scope}`,
    name: scope,
    environment,
    scopes: [scope],
  }));

const guarded = routeList.filter(([, route]) => route.isPublic === undefined && route.needs !== "identity");

describe.each(guarded)("%s", (_name, route) => {
  it("is closed to whoever has no credentials", async () => {
    world.as(null);
    expect(await answer(route)).toMatchObject({ status: 401, code: "unauthenticated" });
  });

  it.each([...people(HERE), ...keys(HERE)])("from its own environment: $id", async (caller) => {
    world.as(caller);
    const got = await answer(route);
    const scope = route.needs as (typeof SCOPES)[number];
    const permission = mayDo(caller, scope, route.environment === "station" ? "*" : HERE);
    if (permission.allowed)
      expect(["unauthenticated", "forbidden", ...missing(route)]).not.toContain(got["code"]);
    else if (route.environment === "filter") expect(got.status).toBe(200);
    else {
      expect(got).toMatchObject({ status: 403, code: "forbidden", scope, roles: permission.roles });
      expect(got["detail"]).toContain(caller.kind === "key" ? scope : permission.roles.join(" or "));
    }
  });

  it.each([...people("other"), ...keys("other")])("from another environment: $id", async (caller) => {
    world.as(caller);
    const got = await answer(route);
    if (route.environment === "station") expect(got).toMatchObject({ status: 403, code: "forbidden" });
    else if (route.environment === "filter") {
      expect(got.status).toBe(200);
      const { status: _status, ...body } = got;
      expect(JSON.stringify(body)).not.toMatch(
        new RegExp(`${there["workflow-runs/{runId}"]}|"${HERE}"|:[1-9]`),
      );
    } else expect(got).toMatchObject({ status: 404, code: "not-found" });
    expect(JSON.stringify(got)).not.toContain("May it happen?");
  });
});

it("a list that names another environment is as if there were none", async () => {
  world.as(people("other")[0] ?? null);
  for (const path of ["/api/v1/workflow-runs", "/api/v1/workflow-runs/counts"]) {
    expect((await world.get(`${path}?environment=${HERE}`)).status).toBe(404);
    expect((await world.get(`${path}?environment=other`)).status).toBe(200);
  }
});

it("an expression over another environment's run is not evaluated, and one over nothing is for whoever may look", async () => {
  const body = { expression: "1 + 1" };
  const [viewer = null] = people("other");
  world.as(viewer);
  expect((await world.post("/api/v1/expressions/evaluate", body)).status).toBe(200);
  const foreign = await world.post("/api/v1/expressions/evaluate", {
    ...body,
    runId: there["workflow-runs/{runId}"],
  });
  expect(foreign.status).toBe(404);
  world.as({ kind: "user", id: "user:new", name: "new", teams: ["platform"], roles: [] });
  expect((await world.post("/api/v1/expressions/evaluate", body)).status).toBe(403);
});

/** Sends what the row asks for, about things that are there. */
async function answer(route: Route): Promise<JsonObject & { status: number }> {
  const about = route.method === "delete" ? { ...there, "hooks/{hookId}": await passingHook() } : there;
  const path = route.path.replace(
    PARAMETER,
    (asked, folder: string) => `${folder}/${about[asked] ?? "none"}`,
  );
  const query = new URLSearchParams();
  if (route.query?.properties["environment"] && route.environment === "query") query.set("environment", HERE);
  const response = await world.app.request(`${path}?${query}`, {
    method: route.method.toUpperCase(),
    ...(route.body && {
      body: JSON.stringify(bodyOf(route)),
      headers: { "content-type": "application/json" },
    }),
  });
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return { status: response.status };
  }
  const text = await response.text();
  const body = text.startsWith("{") ? (JSON.parse(text) as JsonObject) : {};
  return { ...body, status: response.status };
}

let passing = 0;

/** A hook that nobody misses. */
async function passingHook(): Promise<string> {
  const wanted = {
    environment: HERE,
    name: `passing-${++passing}`,
    scheme: { type: "bearer" },
    target: { type: "start-run", workflowId: "gate", version: null },
    when: null,
    identity: { by: "nothing" },
    headers: [],
  } as const;
  const issued = await createHook(world.ports, wanted, { actor: "user:test", channel: "api" });
  return issued.status === "issued" ? issued.hook.id : "none";
}

function bodyOf(route: Route): JsonValue {
  if (route.bodyKind === "definition") return { definition: gate("gate"), environment: HERE };
  const { properties = {}, required = [] } = route.body as unknown as {
    properties?: Record<string, JsonObject>;
    required?: readonly string[];
  };
  const body: Record<string, JsonValue> = {};
  for (const [name, schema] of Object.entries(properties))
    if (name === "environment") body[name] = HERE;
    else if (name === "runId") body[name] = there["workflow-runs/{runId}"] ?? "";
    else if (required.includes(name)) body[name] = SAID[name] ?? sample(schema, name);
  return body;
}

/** What a sample would not get right. */
const SAID: Readonly<Record<string, string>> = { workflowId: "gate", name: "made", archive: "AAAA" };

/** What a row that is about something unknown to this test may answer to whoever is let in. */
function missing(route: Route): readonly string[] {
  const asked = [...route.path.matchAll(PARAMETER)].map(([parameter]) => parameter);
  return asked.every((parameter) => there[parameter] !== undefined) ? ["not-found"] : [];
}
