import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();

beforeAll(async () => {
  await publish(on.client, "signalled", "many", "sleeping");
});

const waitingRun = async () => {
  const runId = await start(on.client, "signalled");
  await until(on.client, runId, "WAITING_SIGNAL");
  return runId;
};
const eventsOf = async (runId: string, type: string) =>
  (await on.client.listEvents({ params: { runId }, query: { limit: 500 } })).items.filter(
    (event) => event.type === type,
  );
/** The row's number is how many rows there are, also where only some are drawn. */
const rowsOf = (page: Page, name: string) =>
  page.getByRole("table", { name }).getAttribute("aria-rowcount").then(Number);

inBrowser(
  "of the last day there are older runs, too, when some time has passed since the newest",
  async () => {
    const runs = Array.from({ length: 55 }, () => start(on.client, "many", { items: [] }));
    await Promise.all(runs);
    const page = await on.open("/runs?since=24h&workflow=many");
    const older = page.getByRole("button", { name: "Show older runs" });
    await older.waitFor();
    await page.clock.setFixedTime(Date.now() + 2 * 3_600_000);
    await page.getByText("2h ago").first().waitFor();
    await older.click();
    await expect.poll(() => rowsOf(page, "Runs")).toBe(55);
  },
);

inBrowser("a workflow is found by how it stands to its file, on whichever page it is", async () => {
  const page = await on.open("/runs");
  await page.route(/\/api\/v1\/workflows\?.*limit=100/, (route) =>
    route.continue({ url: route.request().url().replace("limit=100", "limit=1") }),
  );
  await page.goto(`${on.deployment.url}/workflows?environment=stories&sync=none`);
  await page.getByRole("row", { name: /sleeping/ }).waitFor();
  await page.goto(`${on.deployment.url}/workflows?environment=stories&sync=invalid`);
  await page.getByText("No such workflow").waitFor();
});

inBrowser(
  "a signal is sent once: by two clicks, and by another when no answer came to the first",
  async () => {
    const runId = await waitingRun();
    const page = await on.open(`/runs/${runId}`, { expected: /Failed to load resource/ });
    await page.getByRole("treeitem", { name: /wait/ }).waitFor();
    const dialog = page.getByRole("dialog", { name: "Send a signal" });
    const send = dialog.getByRole("button", { name: "Send signal" });
    await page.keyboard.press("s");
    await dialog.getByLabel("Name").fill("later");
    await send.dblclick();
    await dialog.waitFor({ state: "detached" });

    let isLost = true;
    await page.route(/\/signals?$/, async (route) => {
      if (!isLost) return route.continue();
      isLost = false;
      await route.fetch(); // it arrived, but nobody heard
      await route.abort();
    });
    await page.keyboard.press("s");
    await dialog.getByLabel("Name").fill("much-later");
    await send.click();
    await dialog.getByText("The server does not answer.").waitFor();
    await send.click();
    await dialog.waitFor({ state: "detached" });
    const names = (await eventsOf(runId, "signal.received")).map(({ data }) => data["name"]);
    expect(names).toEqual(["later", "much-later"]);
  },
);

inBrowser("the Enter that ends a word of an input method cancels no run", async () => {
  const runId = await waitingRun();
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("treeitem", { name: /wait/ }).waitFor();
  await page.keyboard.press("Shift+C");
  const reason = page.getByRole("dialog").getByRole("textbox");
  await reason.fill("終");
  await reason.dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
  await reason.fill("終了");
  await reason.press("Enter");
  await page.getByText("Cancelled by user:local").waitFor();
  const [cancelled, ...more] = await eventsOf(runId, "run.cancelled");
  expect([cancelled?.data["reason"], more]).toEqual(["終了", []]);
});

inBrowser("steps of a run and times of a schedule that cannot be read are not said to be none", async () => {
  const runId = await waitingRun();
  const nightly = { name: "nightly", environment: "stories", workflowId: "sleeping", cron: "0 3 * * *" };
  await on.client.createSchedule({ body: { ...nightly, input: {} } });
  const page = await on.open("/approvals", { expected: /status of 404/ });
  const body = JSON.stringify({ status: 404, code: "not-found", detail: "It is away", instance: "" });
  await page.route(/\/steps$|\/nightly\/(next|history)/, (route) =>
    route.fulfill({ status: 404, contentType: "application/problem+json", body }),
  );
  await page.goto(`${on.deployment.url}/runs?peek=${runId}`);
  await page.getByRole("complementary", { name: "Peek" }).getByRole("alert").waitFor();
  await page.goto(`${on.deployment.url}/settings/schedules?name=nightly&environment=stories`);
  for (const name of ["What came of nightly", "Next times"])
    await page
      .getByRole("region", { name })
      .getByText(/not known: It is away/)
      .waitFor();
});

inBrowser("the events of a run are saved when all of them are there, not while they come", async () => {
  const runId = await waitingRun();
  const { items } = await on.client.listEvents({ params: { runId }, query: { limit: 3 } });
  const body = items
    .map((event) => `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join("");
  const page = await on.open("/approvals");
  let isCut = true;
  await page.route(/\/workflow-runs\/run_\w+\/stream/, (route) =>
    isCut ? route.fulfill({ contentType: "text/event-stream", body }) : route.continue(),
  );
  await page.goto(`${on.deployment.url}/runs/${runId}?view=events`);
  const save = page.getByRole("button", { name: "NDJSON" });
  await expect.poll(() => save.getAttribute("aria-disabled")).toBe("true");
  isCut = false;
  await expect.poll(() => save.getAttribute("aria-disabled")).toBeNull();
});

inBrowser("why a run stands still is asked again while nothing happens to it", async () => {
  const runId = await waitingRun();
  const page = await on.open("/approvals");
  let blockedOn: string | null = null;
  await page.route(new RegExp(`/workflow-runs/${runId}$`), async (route) => {
    const run = await on.client.getRun({ params: { runId } });
    await route.fulfill({ json: { ...run, ...(blockedOn !== null && { blockedOn }) } });
  });
  await page.goto(`${on.deployment.url}/runs/${runId}`);
  await page.getByText("Waiting for signal go at wait").waitFor();
  blockedOn =
    "step slow was on worker w1, silent since 2026-11-24T10:00:00.000Z: another takes attempt 1 over";
  await page.getByText(/Step slow was on worker w1, silent/).waitFor();
});

inBrowser("a step that waits for days says so", async () => {
  const page = await on.open(`/runs/${await start(on.client, "sleeping")}`);
  await page.getByRole("definition").getByText("in 3d").waitFor();
});

inBrowser("a computer whose clock is wrong shows times by the server's", async () => {
  const runId = await waitingRun();
  const page = await on.open("/approvals");
  await page.clock.setFixedTime(Date.now() + 3 * 3_600_000);
  await page.goto(`${on.deployment.url}/runs/${runId}`);
  const started = page
    .getByRole("definition")
    .filter({ has: page.locator("time") })
    .first();
  await expect.poll(() => started.textContent()).toMatch(/^(now|\d+s ago|1m ago)$/);
  await page.goto(`${on.deployment.url}/runs?since=1h`);
  await page
    .getByRole("row")
    .filter({ has: page.locator(`[title="${runId}"]`) })
    .waitFor();
});
