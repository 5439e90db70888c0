import { Client as CurrentClient, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as FirstTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Store } from "../../../src/engine/ports.ts";
import { type Served, serveHttp } from "../../../src/http/serve.ts";
import { gate, quick, waiter } from "./definitions.ts";
import { createWorld, type World } from "./world.ts";

type Result = {
  readonly isError?: boolean;
  readonly structuredContent?: Record<string, unknown>;
  readonly content: readonly { readonly text: string }[];
};
/** What the two lines of the SDK have in common. */
type Client = {
  listTools(): Promise<{
    readonly tools: readonly { readonly name: string; readonly inputSchema: object }[];
  }>;
  callTool(params: object): Promise<Result>;
  close(): Promise<void>;
};

let world: World;
/** How many workflows each look at the workflows went through, and how many at their runs. */
let looks: { listed: number[]; figured: number[] };
let served: Served;
let url: URL;

beforeAll(async () => {
  world = await createWorld({ works: true, mcp: { version: "1.2.3" }, around: noting });
  served = await serveHttp({ app: world.app, port: 0, host: "127.0.0.1" });
  url = new URL("/mcp", served.url);
  for (const text of [quick("rotate-keys"), gate("deploy"), waiter("patient.one"), quick("retired")])
    await world.client.createWorkflow({ body: { definition: text } });
  await world.client.disableWorkflow({ params: { id: "retired" } });
});
afterAll(async () => {
  await served.close();
  await world.close();
});

function noting(store: Store): Store {
  looks = { listed: [], figured: [] };
  const workflows: Store["workflows"] = {
    ...store.workflows,
    async list(environment) {
      const all = await store.workflows.list(environment);
      looks.listed.push(all.length);
      return all;
    },
    withFigures(of) {
      looks.figured.push(of.length);
      return store.workflows.withFigures(of);
    },
  };
  return { ...store, workflows };
}

async function first(at = url): Promise<Client> {
  const client = new FirstClient({ name: "first", version: "1" });
  await client.connect(new FirstTransport(at) as never);
  return client as unknown as Client;
}

async function current(
  mode: "legacy" | "auto" = "auto",
  headers: Record<string, string> = {},
): Promise<Client> {
  const client = new CurrentClient({ name: "now", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  expect(client.getProtocolEra()).toBe(mode === "auto" ? "modern" : "legacy");
  expect(client.getServerVersion()).toMatchObject({ name: "station", version: "1.2.3" });
  return client as unknown as Client;
}

async function using<T>(opened: Promise<Client>, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await opened;
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

describe.each([
  ["a client of the first SDK", () => first()],
  ["a current client that speaks the old protocol", () => current("legacy")],
  ["a current client that speaks the current protocol", () => current("auto")],
])("%s", (_, open) => {
  it("sees every active workflow as a tool with its input schema", () =>
    using(open(), async (client) => {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual([
        "run_deploy",
        expect.stringMatching(/^run_patient_one_[0-9a-f]{8}$/),
        "run_rotate-keys",
        "list_workflows",
        "start_workflow",
        "run_status",
        "list_runs",
        "signal",
        "validate",
      ]);
      expect(tools.find(({ name }) => name === "run_rotate-keys")?.inputSchema).toMatchObject({
        properties: { count: { type: "integer" } },
        required: ["count"],
      });
    }));

  it("runs a workflow and gets its output", () =>
    using(open(), async (client) => {
      const result = await client.callTool({ name: "run_rotate-keys", arguments: { count: 3 } });
      expect(result.structuredContent).toMatchObject({
        workflowId: "rotate-keys",
        status: "COMPLETED",
        output: { ok: true },
      });
      const { runId } = result.structuredContent as { runId: string };
      const run = await world.client.getRun({ params: { runId } });
      expect(run).toMatchObject({ startedBy: "user:ana", input: { count: 3 } });
    }));

  it("is told what is wrong with an input, in the place where it is", () =>
    using(open(), async (client) => {
      const result = await client.callTool({ name: "run_rotate-keys", arguments: { count: "three" } });
      expect(result.isError).toBe(true);
      expect(result.content[0]?.text).toMatch(/\/input\/count: must be a whole number/);
    }));

  it("starts a run once, however often it asks with one key", () =>
    using(open(), async (client) => {
      const key = crypto.randomUUID();
      const _meta = { "station/idempotencyKey": key };
      const start = () => client.callTool({ name: "run_rotate-keys", arguments: { count: 1 }, _meta });
      const [one, two] = [await start(), await start()];
      expect(two.structuredContent?.["runId"]).toBe(one.structuredContent?.["runId"]);
      const other = await client.callTool({ name: "run_rotate-keys", arguments: { count: 2 }, _meta });
      expect(other).toMatchObject({ isError: true, structuredContent: { code: "idempotency-key-reused" } });
    }));

  it("follows a run that waits for people, and can neither approve nor reject", () =>
    using(open(), async (client) => {
      const { structuredContent } = await client.callTool({
        name: "start_workflow",
        arguments: { workflowId: "deploy" },
      });
      expect(structuredContent).toMatchObject({
        status: "WAITING_APPROVAL",
        openApprovals: [{ message: "May it happen?", approvers: ["user:ana", "user:ben"] }],
        next: expect.stringContaining("A person must approve or reject"),
      });
      const { tools } = await client.listTools();
      for (const { name } of tools) expect(name).not.toMatch(/approv|reject|decide/i);
      for (const name of ["approve", "reject", "approve_run"]) {
        const refused = await client.callTool({ name, arguments: structuredContent ?? {} });
        expect(refused).toMatchObject({ isError: true, structuredContent: { code: "not-found" } });
      }
      const { runId } = structuredContent as { runId: string };
      const still = await client.callTool({ name: "run_status", arguments: { runId } });
      expect(still.structuredContent).toMatchObject({ status: "WAITING_APPROVAL" });
    }));

  it("sends the signal that a run waits for", () =>
    using(open(), async (client) => {
      const started = await client.callTool({
        name: "start_workflow",
        arguments: { workflowId: "patient.one", idempotencyKey: crypto.randomUUID() },
      });
      expect(started.structuredContent).toMatchObject({ status: "WAITING_SIGNAL" });
      const { runId } = started.structuredContent as { runId: string };
      await client.callTool({ name: "signal", arguments: { runId, name: "go", payload: { who: "mcp" } } });
      const over = await client.callTool({ name: "run_status", arguments: { runId, waitSeconds: 20 } });
      expect(over.structuredContent).toMatchObject({ status: "COMPLETED" });
      const { structuredContent } = await client.callTool({
        name: "list_runs",
        arguments: { workflowId: "patient.one" },
      });
      expect(JSON.stringify(structuredContent)).toContain(runId);
    }));

  it("has definitions checked, and learns what it wrote wrong in a call", () =>
    using(open(), async (client) => {
      const definition = quick("x").replace("type: inject", "type: injekt");
      const checked = await client.callTool({ name: "validate", arguments: { definition } });
      expect(checked.structuredContent).toMatchObject({
        valid: false,
        errors: [expect.objectContaining({ code: "UNKNOWN_STATE_TYPE", line: 11 })],
      });
      const wrong = await client.callTool({ name: "run_status", arguments: { run: "x" } });
      expect(wrong).toMatchObject({ isError: true });
      expect(wrong.content[0]?.text).toContain("runId");
      const unknown = await client.callTool({ name: "run_rotate-key", arguments: {} });
      expect(unknown.content[0]?.text).toContain('did you mean "run_rotate-keys"?');
    }));
});

describe("the endpoint", () => {
  it("asks who is calling, as every route does", async () => {
    world.as(null);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }),
      });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toContain("Bearer");
      await expect(current("legacy")).rejects.toThrow();
    } finally {
      world.as("user:ana");
    }
  });

  it("acts as whoever calls, and takes the HTTP header as a key too", async () => {
    world.as("user:ben");
    try {
      const headers = { "idempotency-key": crypto.randomUUID() };
      const runs = await using(current("auto", headers), async (client) => {
        const call = () => client.callTool({ name: "run_rotate-keys", arguments: { count: 1 } });
        return [await call(), await call()];
      });
      const [one, two] = runs.map(({ structuredContent }) => structuredContent?.["runId"] as string);
      expect(one).toBe(two);
      expect(await world.client.getRun({ params: { runId: one ?? "" } })).toMatchObject({
        startedBy: "user:ben",
      });
    } finally {
      world.as("user:ana");
    }
  });

  it("sends a signal once for each who sends it, and for the same one by whichever way", async () => {
    const { runId } = await world.client.startRun({ body: { workflowId: "patient.one" } });
    const key = crypto.randomUUID();
    const signal = { runId, name: "later", payload: 1, waitSeconds: 0 };
    const meta = { "station/idempotencyKey": key };
    const sent = async () =>
      (await world.client.listEvents({ params: { runId } })).items.filter(
        ({ type }) => type === "signal.received",
      ).length;
    try {
      for (const [who, count] of [
        ["user:ana", 1],
        ["user:ben", 2],
      ] as const) {
        world.as(who);
        await using(current(), (client) =>
          client.callTool({ name: "signal", arguments: signal, _meta: meta }),
        );
        expect(await sent()).toBe(count);
      }
      await world.client.signalRun({
        params: { runId },
        body: { name: "later", payload: 1 },
        idempotencyKey: key,
      });
      expect(await sent()).toBe(2);
    } finally {
      world.as("user:ana");
    }
  });

  it("lets nobody do through a tool what they may not do through the API", async () => {
    world.as({
      kind: "key",
      id: "key:default/ro",
      name: "ro",
      environment: "default",
      scopes: ["runs:read"],
    });
    try {
      await using(current(), async (client) => {
        const { tools } = await client.listTools();
        expect(tools.map(({ name }) => name)).toContain("run_rotate-keys");
        const refused = await client.callTool({ name: "run_rotate-keys", arguments: { count: 1 } });
        expect(refused).toMatchObject({ isError: true, structuredContent: { code: "forbidden" } });
        expect(refused.content[0]?.text).toContain("runs:write");
      });
      const elsewhere = new URL("?environment=prod", url);
      await using(first(elsewhere), (client) => expect(client.listTools()).rejects.toThrow("not found"));
    } finally {
      world.as("user:ana");
    }
  });

  it("costs no more where there are many workflows: a start looks at none but its own, a list at nobody's runs", () =>
    using(current(), async (client) => {
      looks.listed.length = 0;
      looks.figured.length = 0;
      await client.callTool({ name: "run_rotate-keys", arguments: { count: 1 } });
      expect(looks).toEqual({ listed: [], figured: [] });
      await client.listTools();
      expect(looks.listed).toEqual([4, 4]);
      // One is asked for to learn whether the caller may see them, and one more says whether there is a next page.
      expect(looks.figured).toEqual([2]);
    }));

  it("knows one environment at a time", () =>
    using(first(new URL("?environment=elsewhere", url)), async (client) => {
      const { tools } = await client.listTools();
      expect(tools.filter(({ name }) => name.startsWith("run_")).map(({ name }) => name)).toEqual([
        "run_status",
      ]);
    }));

  it("is not there when it is switched off", async () => {
    const without = await createWorld();
    try {
      const response = await without.app.request("/mcp", { method: "POST" });
      expect(response.status).toBe(404);
    } finally {
      await without.close();
    }
  });
});
