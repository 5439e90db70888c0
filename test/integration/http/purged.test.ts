import { afterAll, beforeAll, expect, it } from "vitest";
import { stnFor } from "../cli/stn.ts";
import { quick } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

let world: World;
let runId = "";
let purgedAt: string | null = null;

beforeAll(async () => {
  world = await createWorld({ works: true, mcp: { version: "1.2.3" } });
  await world.client.createWorkflow({ body: { definition: quick("quick") } });
  ({ runId } = await world.client.startRun({ body: { workflowId: "quick", input: { count: 7 } } }));
  const now = await eventually(async () => {
    const run = await world.client.getRun({ params: { runId } });
    return run.status === "COMPLETED" && run;
  });
  expect(now).toMatchObject({ input: { count: 7 }, purgedAt: null });
  const purge = () => world.post(`/api/v1/workflow-runs/${runId}/purge`, { reason: "article 17" });
  await eventually(async () => (await purge()).ok);
  ({ purgedAt } = await world.client.getRun({ params: { runId } }));
});
afterAll(() => world.close());

it("a purged run says since when its empty values are not what it had, in the past too", async () => {
  expect(purgedAt).toMatch(/^\d{4}-\d\d-\d\dT/);
  const empty = { input: {}, output: null, purgedAt };
  expect(await world.client.getRun({ params: { runId } })).toMatchObject(empty);
  expect(await world.client.getRun({ params: { runId }, query: { at: 1 } })).toMatchObject({
    ...empty,
    status: "PENDING",
  });
});

it("the command line says so of the run, and of what its agents said", async () => {
  const stn = stnFor(world);
  const shown = await stn.run(["runs", "show", runId]);
  expect(shown.err).toBe(
    `purged at ${purgedAt}: its input, outputs, messages and logs were taken out; who did what, and when, is left\n`,
  );
  expect(shown.out).toContain("completed in");
  const logs = await stn.run(["logs", runId]);
  expect(logs.err).toBe(`what the agents of this run were told, said and did was purged at ${purgedAt}\n`);
});

it("a program that asks by MCP learns it too", async () => {
  const call = { name: "run_status", arguments: { runId } };
  const answer = await world.app.request("http://station/mcp", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: call }),
  });
  expect(await answer.text()).toContain(`"purgedAt":"${purgedAt}"`);
});
