import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import type { JsonValue } from "../../src/core/json.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();

beforeAll(async () => {
  await publish(on.client, "half", "failing", "asking", "many");
});

type Folded = Readonly<Record<string, JsonValue>>;

const foldedAt = (page: Page, n: number) =>
  page.evaluate((at) => (globalThis as unknown as { stationRunAt(n: number): Folded }).stationRunAt(at), n);

async function sameAtEveryEvent(runId: string): Promise<number> {
  const { seq } = await on.client.getRun({ params: { runId } });
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("treeitem").first().waitFor();
  for (let n = 1; n <= seq; n++) {
    const { status, context, output, error, reason, currentStates, simulated, startedAt, finishedAt } =
      await on.client.getRun({ params: { runId }, query: { at: n } });
    expect(await foldedAt(page, n), `event ${n} of ${runId}`).toEqual({
      seq: n,
      ...{ status, context, output, error, reason, currentStates, simulated, startedAt, finishedAt },
    });
  }
  return seq;
}

inBrowser("at every event of a run the browser folds to what the server says", async () => {
  const items = [
    { name: "a", bad: false },
    { name: "b", bad: true },
    { name: "c", bad: false },
  ];
  const failed = await start(on.client, "failing");
  const half = await start(on.client, "half", { items });
  const asked = await start(on.client, "asking");
  const { runId: triage } = await on.client.startRun({
    body: { workflowId: "incident-triage", input: { namespace: "production", service: "checkout" } },
  });
  for (const runId of [asked, triage]) {
    await until(on.client, runId, "WAITING_APPROVAL");
    const { items: approvals } = await on.client.listApprovals({ query: { status: ["PENDING"] } });
    const approvalId = approvals.find((approval) => approval.runId === runId)?.approvalId ?? "";
    await on.client.approve({ params: { approvalId }, body: { comment: "go" } });
  }
  await until(on.client, failed, "FAILED");
  const { runId: again } = await on.client.rerunRun({
    params: { runId: failed },
    body: { fromState: "try_it" },
  });
  for (const runId of [failed, half, asked, triage, again]) {
    await until(on.client, runId, "COMPLETED", "FAILED");
    expect(await sameAtEveryEvent(runId)).toBeGreaterThan(8);
  }
});

inBrowser("the cursor moves every view, is in the address, and a reload stands on it again", async () => {
  const runId = await start(on.client, "failing");
  await until(on.client, runId, "FAILED");
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("treeitem", { name: /try_it/ }).waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  const { seq } = await on.client.getRun({ params: { runId } });
  await page.getByText(`Viewing event ${seq - 2} of ${seq}`).waitFor();
  expect(new URL(page.url()).searchParams.get("at")).toBe(String(seq - 2));
  await page.reload();
  await page.getByText(`Viewing event ${seq - 2} of ${seq}`).waitFor();
  await page.keyboard.press("3");
  await page.getByText(`${seq - 2} events`, { exact: true }).waitFor();
  await page.keyboard.press("l");
  await page.getByText(`${seq} events`, { exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get("at")).toBeNull();
});
