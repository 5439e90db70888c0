import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { faultsOf } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();

beforeAll(async () => {
  await publish(on.client, "signalled", "failing", "half");
  failed.push(await start(on.client, "failing"));
  waiting = await start(on.client, "signalled");
  failed.push(await start(on.client, "failing"));
  await until(on.client, waiting, "WAITING_SIGNAL");
  for (const runId of failed) await until(on.client, runId, "FAILED");
});

/** Oldest first: a failed run, one that waits for a signal, and another that failed. */
const failed: string[] = [];
let waiting = "";

const rowOf = (page: Page, runId: string) =>
  page.getByRole("row").filter({ has: page.locator(`[title="${runId}"]`) });
const statusOf = async (runId: string) => (await on.client.getRun({ params: { runId } })).status;

async function shot(page: Page, name: string): Promise<void> {
  const directory = process.env["SHOTS"];
  if (directory !== undefined) await page.screenshot({ path: `${directory}/${name}.png` });
}

inBrowser("a list is gone through by keys: down, a look, the next look, and into the run", async () => {
  const page = await on.open("/runs");
  await rowOf(page, failed[1] ?? "")
    .getByText("try_it: no route to host")
    .waitFor();
  await rowOf(page, waiting).getByText("Waiting for signal go at wait").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Space");
  const peek = page.getByRole("complementary", { name: "Peek" });
  await peek.getByText("try_it: no route to host").waitFor();
  await peek.getByRole("list", { name: "Steps" }).getByText("prepare").waitFor();
  await page.keyboard.press("j");
  await peek.getByText(/signal “?"?go/).waitFor();
  expect(new URL(page.url()).searchParams.get("peek")).toBe(waiting);
  await page.reload();
  await peek.getByText(/signal “?"?go/).waitFor();
  await shot(page, "peek");
  expect(await faultsOf(page, "peek")).toEqual([]);
  // The signal ends it; the look at it says so by itself.
  await on.client.signalRun({ params: { runId: waiting }, body: { name: "go" } });
  await peek.getByText("Completed").waitFor();
  await page.keyboard.press("Escape");
  await peek.waitFor({ state: "detached" });
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === `/runs/${waiting}`);
});

inBrowser("a run is found by what it failed of, and by what it was started with", async () => {
  const ticketed = await start(on.client, "half", { items: [], ticket: "INC-4077" });
  const page = await on.open("/runs");
  const search = page.getByRole("searchbox", { name: "Id, workflow, error, input value" });
  await search.fill("to host");
  await rowOf(page, failed[0] ?? "").waitFor();
  await rowOf(page, ticketed).waitFor({ state: "detached" });
  await search.fill("inc-40");
  await rowOf(page, ticketed).waitFor();
  await rowOf(page, failed[0] ?? "").waitFor({ state: "detached" });
});

inBrowser(
  "marked runs are cancelled together, what is over is left alone, and new ones wait above",
  async () => {
    const runs = [await start(on.client, "signalled"), await start(on.client, "signalled")];
    for (const runId of runs) await until(on.client, runId, "WAITING_SIGNAL");
    const over = await start(on.client, "half", { items: [] });
    await until(on.client, over, "COMPLETED");
    const page = await on.open("/runs?since=1h");
    for (const runId of [...runs, over])
      await rowOf(page, runId)
        .getByRole("checkbox", { name: /^Select run_/ })
        .check();
    const bar = page.getByRole("toolbar", { name: "Marked runs" });
    await bar.getByText("3 runs marked").waitFor();
    await shot(page, "marked");
    expect(await faultsOf(page, "marked runs")).toEqual([]);

    const late = await start(on.client, "signalled");
    await page.getByRole("button", { name: "1 new" }).waitFor();
    expect(await rowOf(page, late).count()).toBe(0);

    await bar.getByRole("button", { name: "Cancel…" }).click();
    const dialog = page.getByRole("dialog", { name: "Cancel 2 runs?" });
    await dialog.getByText(/1 marked run stays as it is/).waitFor();
    await expect.poll(() => dialog.getByRole("listitem").count()).toBe(2);
    await dialog.getByLabel("Reason").fill("the sale is over");
    await shot(page, "bulk");
    expect(await faultsOf(page, "bulk dialog")).toEqual([]);
    await dialog.getByRole("button", { name: "Cancel 2 runs" }).click();
    for (const runId of runs) {
      await until(on.client, runId, "CANCELLED");
      expect((await on.client.getRun({ params: { runId } })).reason).toBe("the sale is over");
      await rowOf(page, runId).getByText("Cancelled").waitFor();
    }
    expect([await statusOf(over), await statusOf(late)]).toEqual(["COMPLETED", "WAITING_SIGNAL"]);
    await rowOf(page, late).waitFor();
  },
);

inBrowser("marked runs, or all that match, are saved as a table or as the server sends them", async () => {
  const page = await on.open("/runs?workflow=failing&status=failed&environment=stories");
  await rowOf(page, failed[0] ?? "")
    .getByRole("checkbox")
    .check();
  const bar = page.getByRole("toolbar", { name: "Marked runs" });
  const saved = async (form: RegExp) => {
    await bar.getByRole("button", { name: "Export" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: form }).click();
    const file = await download;
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
  };
  const table = await saved(/CSV/);
  expect(table.name).toBe("runs.csv");
  const [head, row, ...rest] = table.text.trimEnd().split("\r\n");
  expect(head).toMatch(/^runId,workflowId,.*,why$/);
  expect(row).toMatch(new RegExp(`^${failed[0]},failing,1,stories,FAILED,user:local,.*no route to host`));
  expect(rest).toEqual([]);

  await bar.getByRole("button", { name: "All that match" }).click();
  const lines = await saved(/NDJSON/);
  expect(lines.name).toBe("runs.ndjson");
  const { items } = await on.client.listRuns({
    query: { workflowId: "failing", status: ["FAILED"], environment: "stories", why: true },
  });
  expect(
    lines.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual(items);
});

inBrowser("all runs of a filter are run again at once; how many is counted by the server first", async () => {
  const { counts } = await on.client.countRuns({ query: { workflowId: "failing", environment: "stories" } });
  const page = await on.open("/runs?workflow=failing&status=failed&environment=stories");
  await rowOf(page, failed[0] ?? "")
    .getByRole("checkbox")
    .check();
  const bar = page.getByRole("toolbar", { name: "Marked runs" });
  await bar.getByRole("button", { name: "All that match" }).click();
  await bar.getByText("All that match in stories").waitFor();
  await bar.getByRole("button", { name: "Run again…" }).click();
  const dialog = page.getByRole("dialog", { name: `Run ${counts.FAILED} runs again?` });
  await dialog.getByRole("button", { name: `Run ${counts.FAILED} runs again` }).click();
  await dialog.waitFor({ state: "detached" });
  await expect
    .poll(async () => {
      const { items } = await on.client.listRuns({ query: { workflowId: "failing", limit: 200 } });
      return items.length;
    })
    .toBe(Number(counts.FAILED) * 2);
});

inBrowser("runs are narrowed to who started them, in the address too", async () => {
  const runId = await start(on.client, "half", { items: [] });
  const page = await on.open("/runs");
  await rowOf(page, runId).waitFor();
  await page.getByRole("combobox", { name: "Started by" }).selectOption("schedules");
  await page.getByText("There are no runs started by schedules.").waitFor();
  expect(new URL(page.url()).searchParams.get("by")).toBe("schedules");
  await page.getByRole("combobox", { name: "Started by" }).selectOption("people");
  await rowOf(page, runId).waitFor();
});

inBrowser("a filter is kept under a name, found again after a reload, and forgotten", async () => {
  const page = await on.open("/runs?status=failed&since=24h");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view…" }).click();
  await page.getByRole("dialog", { name: "Save this view" }).getByLabel("Name").fill("Red today");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Red today" }).waitFor();
  await page.goto(`${on.deployment.url}/runs`);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Red today" }).click();
  await page.waitForURL(/status=failed&since=24h|since=24h&status=failed/);
  await page.getByRole("button", { name: "Red today" }).click();
  await page.getByRole("menuitem", { name: /Forget/ }).click();
  await page.getByRole("button", { name: "Views" }).waitFor();
});
