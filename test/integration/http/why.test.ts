import { afterAll, beforeAll, expect, it } from "vitest";
import { stnFor } from "../cli/stn.ts";
import { quick } from "./definitions.ts";
import { createWorld, eventually, type World } from "./world.ts";

const BREAKS = `---
model: station/script
metadata: { name: breaks, description: Never comes to an end }
script:
  - error: { code: prometheus_away, message: prometheus timed out, retryable: true }
---
Break.
`;

let world: World;

beforeAll(async () => {
  world = await createWorld({ works: true, prompts: [BREAKS] });
});
afterAll(() => world.close());

it("a retry is told in the same words everywhere: which, of how many, when and why", async () => {
  const definition = `id: patient
states:
  - name: look
    type: operation
    action: agent.run
    input: { agent: breaks }
    retry: { maxAttempts: 5, backoffSeconds: 600, jitter: false }
    end: true
`;
  await world.client.createWorkflow({ body: { definition } });
  const { runId } = await world.client.startRun({ body: { workflowId: "patient" } });
  const blockedOn = await eventually(async () => {
    const run = await world.client.getRun({ params: { runId } });
    return run.blockedOn?.startsWith("retrying") && run.blockedOn;
  });
  expect(blockedOn).toMatch(
    /^retrying look, attempt 2 of 5 at \d{4}-\d\d-\d\dT[\d:.]+Z: prometheus timed out$/,
  );
  const { items } = await world.client.listRuns({ query: { why: true } });
  expect(items.map(({ why }) => why)).toEqual([blockedOn]);
  const { out } = await stnFor(world).run(["runs", "show", runId]);
  expect(out).toMatch(/look .*attempt 2 of 5 in (10m|\d+s): prometheus timed out/);
});

it("a run that nobody takes says since when, and that there is no worker", async () => {
  const idle = await createWorld();
  try {
    await idle.client.createWorkflow({ body: { definition: quick("quick") } });
    const { runId } = await idle.client.startRun({ body: { workflowId: "quick", input: { count: 1 } } });
    const { blockedOn, createdAt } = await idle.client.getRun({ params: { runId } });
    expect(blockedOn).toBe(`no worker has taken it, queued since ${createdAt}: 0 workers connected`);
    const { items } = await idle.client.listRuns({ query: { why: true } });
    expect(items.map(({ why }) => why)).toEqual([blockedOn]);
  } finally {
    await idle.close();
  }
});
