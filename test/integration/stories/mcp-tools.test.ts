import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createClient } from "../../../src/http/client.ts";
import { loadConfig } from "../../../src/main/config.ts";
import { type Serving, startServing } from "../../../src/main/serve.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };
let dataDir: string;
let serving: Serving;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "station-mcp-story-"));
  const loaded = loadConfig({ PORT: "0", STATION_DATA_DIR: dataDir, STATION_UI: "off" });
  if (!loaded.ok) throw new Error("the configuration is wrong");
  serving = await startServing(loaded.config, silent);
});
afterAll(async () => {
  await serving.close();
  await rm(dataDir, { recursive: true });
});

it("the example environment's agents work with the tools of a real MCP server", async () => {
  const client = createClient({ baseUrl: serving.url });
  const run = await client.startRun({
    body: { workflowId: "on-call-briefing", input: { service: "checkout" } },
    headers: { prefer: "wait=30" },
  });
  expect(run).toMatchObject({ status: "COMPLETED", simulated: true });
  expect(run.output).toMatchObject({ briefing: expect.stringContaining("Scale to 6 replicas") });
  const { items } = await client.listSteps({ params: { runId: run.runId } });
  expect(items.find(({ state }) => state === "find")?.output).toMatchObject({
    available: expect.stringMatching(/checkout\.md[\s\S]*search\.md/),
  });
  const servers = await client.listMcpServers({});
  expect(servers).toMatchObject({ items: [{ name: "runbooks", state: "ready", crashes: 0 }], problems: [] });
}, 60_000);

it("a service without a runbook is no failure of the server", async () => {
  const client = createClient({ baseUrl: serving.url });
  const run = await client.startRun({
    body: { workflowId: "on-call-briefing", input: { service: "nowhere" } },
    headers: { prefer: "wait=30" },
  });
  expect(JSON.stringify(run.output)).toContain("ENOENT");
}, 60_000);
