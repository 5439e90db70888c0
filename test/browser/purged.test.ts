import { beforeAll, expect } from "vitest";
import { faultsAtBothWidths } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();

beforeAll(() => publish(on.client, "signalled", "failing"));

async function purged(workflow: "signalled" | "failing"): Promise<string> {
  const runId = await start(on.client, workflow);
  if (workflow === "signalled") {
    await until(on.client, runId, "WAITING_SIGNAL");
    await on.client.signalRun({ params: { runId }, body: { name: "go", payload: { by: "eve" } } });
  }
  await until(on.client, runId, "COMPLETED", "FAILED");
  // Its latest events have to be sealed first.
  await expect
    .poll(
      () =>
        on.client.purgeRun({ params: { runId }, body: { reason: "article 17" } }).then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);
  return runId;
}

inBrowser("a purged run does not show emptied values as those it had", async () => {
  const runId = await purged("signalled");
  const page = await on.open(`/runs/${runId}`);
  await page.getByText(/^Purged .*: input, outputs, messages and logs were taken out/).waitFor();
  await page.getByText(/Came to its end after .*; its result was purged\.$/).waitFor();
  await page.getByRole("treeitem", { name: /slow/ }).click();
  const inspector = page.getByRole("complementary");
  await inspector.getByText(/^It was purged /).waitFor();
  for (const [tab, said] of [
    ["Input", /^What it was given was purged /],
    ["Output", /^The output was purged /],
    ["Context Δ", /^The context was purged /],
    ["Agent", /^What the agent was told, said and did was purged /],
  ] as const) {
    await inspector.getByRole("tab", { name: tab }).click();
    await inspector.getByText(said).waitFor();
    expect(await inspector.getByRole("tree").count()).toBe(0);
  }
  // The past of it is purged too.
  await page.goto(`${on.deployment.url}/runs/${runId}?at=4`);
  await page.getByText(/^Purged /).waitFor();
});

inBrowser("what is run again after a purge is given an input of its own", async () => {
  const runId = await purged("failing");
  const page = await on.open(`/runs/${runId}`);
  await page.getByText(/^Purged /).waitFor();
  expect(await page.getByRole("button", { name: /^Run again from/ }).count()).toBe(0);
  await page.getByRole("button", { name: "Run again" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("The input of this run was purged: write the new one’s.").waitFor();
  await dialog.getByRole("button", { name: "Start run" }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(runId));
});

inBrowser("the page of a purged run is as legible as any", async () => {
  const runId = await purged("signalled");
  const page = await on.open(`/runs/${runId}`);
  await page.getByText(/its result was purged/).waitFor();
  expect(await faultsAtBothWidths(page, "a purged run")).toEqual([]);
});
