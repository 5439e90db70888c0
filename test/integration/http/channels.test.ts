import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { person } from "../../support/people.ts";
import { stnFor } from "../cli/stn.ts";
import { gate, quick } from "./definitions.ts";
import { deliver, github, makeHook } from "./hooks.ts";
import { createWorld, eventually, type World } from "./world.ts";

// By which way everything came in, as the audit trail tells it.

let world: World;

beforeAll(async () => {
  world = await createWorld({ works: true, mcp: { version: "1" } });
  for (const definition of [gate("gate"), quick("quick")])
    await world.client.createWorkflow({ body: { definition } });
});
afterAll(() => world.close());

async function asked() {
  const { runId } = await world.client.startRun({ body: { workflowId: "gate" } });
  const { approvalId } = await eventually(
    async () => (await world.client.listRunApprovals({ params: { runId } })).items[0],
  );
  return { runId, approvalId, path: `/api/v1/workflow-approvals/${approvalId}` };
}

/** The ways of a run's events, by type. */
async function waysOf(runId: string): Promise<Readonly<Record<string, string | null>>> {
  const { items } = await world.client.listEvents({ params: { runId } });
  return Object.fromEntries(items.map(({ type, channel }) => [type, channel]));
}

it("a decision tells by which door it came, and what a worker does is a worker's", async () => {
  const doors: Record<string, (approval: Awaited<ReturnType<typeof asked>>) => Promise<unknown>> = {
    api: ({ path }) => world.post(`${path}/approve`),
    ui: ({ path }) => world.post(`${path}/approve`, {}, { "sec-fetch-site": "same-origin" }),
    cli: ({ approvalId }) => stnFor(world).run(["approve", approvalId]),
    link: async ({ path }) => {
      const made = await world.post(`${path}/links`);
      const { token } = (await made.json()) as { token: string };
      return world.post(`${path}/approve`, { link: token }, { "sec-fetch-site": "same-origin" });
    },
    bulk: ({ approvalId }) =>
      world.post("/api/v1/workflow-approvals/decide", { items: [{ approvalId, decision: "approve" }] }),
  };
  for (const [door, approve] of Object.entries(doors)) {
    const approval = await asked();
    await approve(approval);
    const decided = await world.client.getApproval({ params: { approvalId: approval.approvalId } });
    expect(decided.decisions).toMatchObject([{ by: "user:ana", channel: door }]);
    expect(await waysOf(approval.runId)).toMatchObject({
      "run.created": "api",
      "approval.requested": "worker",
      "approval.approved": door,
    });
  }
});

it("whoever shows a key is no page and no session, whatever else the request says", async () => {
  const { path, runId } = await asked();
  const claims = { authorization: "Bearer x", "sec-fetch-site": "same-origin", cookie: "__Host-stn=x" };
  await world.post(`${path}/approve`, {}, claims);
  expect(await waysOf(runId)).toMatchObject({ "approval.approved": "api" });
});

it("what a caller says of itself grants nothing", async () => {
  const { path } = await asked();
  const eve = world.by(person("eve", { roles: ["admin"] }));
  for (const claim of [{ "user-agent": "stn" }, { "sec-fetch-site": "same-origin" }])
    expect((await world.post(`${path}/approve`, {}, { ...eve, ...claim })).status).toBe(403);
});

it("a run tells how it was started, and so does what is done to it", async () => {
  const only = async (q: string) =>
    eventually(async () => (await world.client.listRuns({ query: { startedBy: q } })).items[0]);

  const hook = await makeHook(world, {
    name: "alerts",
    target: { type: "start-run", workflowId: "quick", input: { count: 1 } },
  });
  await deliver(world, hook.path, "{}", github(hook.secret, "{}"));
  const { runId: hooked } = await only("hook:default/alerts");
  expect(await waysOf(hooked)).toMatchObject({ "run.created": "webhook" });

  const spec = { everySeconds: 3600, input: { count: 1 } };
  await world.post("/api/v1/schedules", { name: "hourly", workflowId: "quick", ...spec });
  world.as(person("otto", { roles: ["operator"] }));
  await world.post("/api/v1/schedules/hourly/trigger");
  world.as("user:ana");
  expect(await waysOf((await only("user:otto")).runId)).toMatchObject({ "run.created": "schedule" });

  const mcp = new Client({ name: "agent", version: "1" });
  const fetch = async (url: string | URL, init?: RequestInit) => world.app.request(String(url), init);
  await mcp.connect(new StreamableHTTPClientTransport(new URL("http://station/mcp"), { fetch }));
  const { structuredContent } = (await mcp.callTool({
    name: "start_workflow",
    arguments: { workflowId: "gate", input: {} },
  })) as { structuredContent: { runId: string } };
  await mcp.close();
  const { runId } = structuredContent;
  const body = { action: "cancel", filter: { workflowId: "gate" }, reason: "enough" };
  expect((await world.post("/api/v1/workflow-runs/bulk", body)).status).toBe(200);
  expect(await waysOf(runId)).toMatchObject({ "run.created": "mcp", "run.cancelled": "bulk" });
});

it("what is changed about Station itself tells the way as well", async () => {
  await stnFor(world).run(["keys", "create", "ci", "--scope", "runs:read"]);
  const { items } = await world.client.listAdminEvents({});
  expect(items[0]).toMatchObject({ subject: "key:default/ci", actor: "user:ana", channel: "cli" });
});
