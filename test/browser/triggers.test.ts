import { beforeAll, expect } from "vitest";
import { faultsAtBothWidths, faultsOf } from "./support/looks.ts";
import { shot } from "./support/shot.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, until } from "./support/workflows.ts";

const on = stage({ STATION_SECRET_KEYS: "a-key-that-secrets-are-kept-with-0001" });

beforeAll(async () => {
  await publish(on.client, "rolled", "formed");
});

inBrowser("a schedule is made, says when it fires next, is fired by hand, paused and deleted", async () => {
  const page = await on.open("/settings/schedules");
  await page.getByText("No run starts by itself").waitFor();
  await page.getByRole("button", { name: "New schedule…" }).click();
  const form = page.getByRole("dialog", { name: "New schedule" });
  await form.getByLabel("Name").fill("nightly");
  await form.getByLabel("Environment").selectOption("stories");
  await form.getByLabel("Workflow").selectOption("rolled");
  await form.getByLabel("When").fill("30 2 * * *");
  await form.getByLabel("By the clocks of").fill("Europe/Berlin");
  expect(await faultsOf(page, "new schedule")).toEqual([]);
  await form.getByRole("button", { name: "Make schedule" }).click();
  await page.waitForURL(/name=nightly/);
  const next = page.getByRole("region", { name: "Next times" });
  await next
    .getByText(/ 02:30$/)
    .nth(4)
    .waitFor();

  const more = page.getByRole("button", { name: "More for nightly" });
  await more.click();
  await page.getByRole("menuitem", { name: "Start a run now" }).click();
  const history = page.getByRole("region", { name: "What came of nightly" });
  const run = history.getByRole("link", { name: /run_/ });
  await run.waitFor();
  const { items } = await on.client.listRuns({ query: { workflowId: "rolled" } });
  await until(on.client, items[0]?.runId ?? "", "COMPLETED");
  await history.getByText("Completed").waitFor();
  await page.locator("h1").click(); // away from the button, whose tooltip is beside the page
  await shot(page, "schedules-1440-light");
  expect(await faultsOf(page, "schedules")).toEqual([]);

  await more.click();
  await page.getByRole("menuitem", { name: "Pause" }).click();
  await next.getByText("Paused by user:local").waitFor();
  await more.click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete schedule" }).click();
  await page.getByText("No run starts by itself").waitFor();
});

inBrowser("however many schedules there are, all of them are listed", async () => {
  const names = Array.from({ length: 203 }, (_, index) => `many-${String(index).padStart(3, "0")}`);
  const where = { environment: "stories", workflowId: "rolled" };
  for (const name of names) await on.client.createSchedule({ body: { name, ...where, cron: "0 3 1 1 *" } });
  const page = await on.open("/settings/schedules");
  await page.getByRole("row", { name: /^many-202 stories/ }).waitFor();
  expect(await page.getByRole("row", { name: /^many-/ }).count()).toBe(203);
  for (const name of names)
    await on.client.deleteSchedule({ params: { name }, query: { environment: "stories" } });
});

inBrowser("a time that is none is refused in the server's words, and what was typed stays", async () => {
  const page = await on.open("/settings/schedules", { expected: /status of 4\d\d/ });
  await page.getByRole("button", { name: "New schedule…" }).click();
  const form = page.getByRole("dialog", { name: "New schedule" });
  await form.getByLabel("Name").fill("never");
  await form.getByLabel("Environment").selectOption("stories");
  await form.getByLabel("Workflow").selectOption("rolled");
  await form.getByLabel("When").fill("61 * * * *");
  await form.getByRole("button", { name: "Make schedule" }).click();
  await form.getByText(/61/).waitFor();
  await expect.poll(() => form.getByLabel("Name").getAttribute("aria-invalid")).toBe("true");
  await expect.poll(() => form.getByLabel("When").inputValue()).toBe("61 * * * *");
});

inBrowser("a webhook is made, what came to it is seen as it came, and done again", async () => {
  const page = await on.open("/settings/webhooks", { expected: /status of 4\d\d/ });
  await page.getByText("No other system tells Station anything").waitFor();
  await page.getByRole("button", { name: "New webhook…" }).click();
  const form = page.getByRole("dialog", { name: "New webhook" });
  await form.getByLabel("Name").fill("pager");
  await form.getByLabel("Environment").selectOption("stories");
  await form.getByLabel("The sender proves itself by").selectOption("bearer");
  await form.getByLabel("Workflow").selectOption("formed");
  expect(await faultsOf(page, "new webhook")).toEqual([]);
  await form.getByRole("button", { name: "Make webhook" }).click();
  const shown = page.getByRole("dialog", { name: "The secret of pager" });
  const secret = (await shown.locator("code").first().textContent()) ?? "";
  await shown.getByRole("button", { name: "I have kept it" }).click();

  const deliveries = page.getByRole("region", { name: "What came to pager" });
  await deliveries.getByText("Nothing has come yet").waitFor();
  const address = (await deliveries.locator("code").first().textContent()) ?? "";
  const send = (body: object) =>
    fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${secret}` },
      body: JSON.stringify(body),
    });
  expect((await send({ service: "checkout" })).status).toBe(202);
  expect((await send({ service: 7 })).status).toBe(422);
  // Nobody asked for it again: an event that starts nothing is news of no run.
  await deliveries.getByRole("row", { name: /started a run run_/ }).waitFor();
  const failed = deliveries.getByRole("row", { name: /failed/ });
  await failed.waitFor();
  await shot(page, "webhooks-1440-light");
  expect(await faultsOf(page, "webhooks")).toEqual([]);
  await failed.getByRole("button").first().click();
  await page.getByRole("dialog", { name: "An event as it came" }).getByText('{"service":7}').waitFor();
  await page.keyboard.press("Escape");
  await failed.getByRole("button", { name: "Do it again" }).click();
  await deliveries.getByText("again, by user:local").waitFor();

  // A test begins with the last event, tells what would come of it and starts nothing.
  const before = await on.client.countRuns();
  await page.getByRole("button", { name: "More for pager" }).click();
  await page.getByRole("menuitem", { name: "Test…" }).click();
  const test = page.getByRole("dialog", { name: "Test pager" });
  const body = test.getByLabel("Body (JSON)");
  await expect.poll(() => body.inputValue()).toBe('{"service":7}');
  await test.getByRole("button", { name: "Test", exact: true }).click();
  await test.getByText("This would be refused:").waitFor();
  await test.getByText("/service").waitFor();
  expect(await faultsAtBothWidths(page, "a webhook's test")).toEqual([]);
  await body.fill('{"service": "search"');
  await test.getByText(/^This is .*line 1/).waitFor();
  await body.fill('{"service": "search"}');
  await test.getByLabel("Headers").fill("push");
  await test.getByText("A header is a name, a colon and a value").waitFor();
  await test.getByLabel("Headers").fill("x-github-event: push");
  await page.keyboard.press("Control+Enter");
  await test.getByText("This would start formed with").waitFor();
  await test.getByText('"search"', { exact: true }).waitFor();
  expect(await faultsAtBothWidths(page, "what a webhook would do")).toEqual([]);
  await test.getByRole("button", { name: "Close" }).click();
  expect(await on.client.countRuns()).toEqual(before);

  await page.getByRole("button", { name: "More for pager" }).click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await page.getByRole("region", { name: "All webhooks" }).getByText("disabled").waitFor();
  expect((await send({ service: "checkout" })).status).toBe(409);
  await page.getByRole("button", { name: "More for pager" }).click();
  await page.getByRole("menuitem", { name: "New secret…" }).click();
  await page.getByRole("button", { name: "Make a new secret" }).click();
  expect(await shown.locator("code").first().textContent()).not.toBe(secret);
  await shown.getByRole("button", { name: "I have kept it" }).click();
});

inBrowser("a webhook that is deleted is gone, and its senders are told so", async () => {
  const { path } = await on.client.createHook({
    body: {
      name: "gone",
      environment: "stories",
      scheme: { type: "github" },
      target: { type: "start-run", workflowId: "formed" },
    },
  });
  const page = await on.open("/settings/webhooks");
  await page.getByRole("button", { name: "gone", exact: true }).click();
  await page.getByRole("button", { name: "More for gone" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete webhook" }).click();
  await page.getByRole("button", { name: "More for gone" }).waitFor({ state: "detached" });
  expect((await fetch(on.deployment.url + path, { method: "POST", body: "{}" })).status).toBe(404);
});

inBrowser("axe finds nothing in schedules and webhooks, and nothing is cut off or covered", async () => {
  const faults: string[] = [];
  await on.client.createSchedule({
    body: { name: "daily", environment: "stories", workflowId: "rolled", everySeconds: 86_400 },
  });
  for (const section of ["schedules", "webhooks"]) {
    const page = await on.open(`/settings/${section}`);
    await page.getByRole("table").waitFor();
    await page.locator("td button").first().click();
    await page.getByRole("region", { name: /^What came/ }).waitFor();
    faults.push(...(await faultsAtBothWidths(page, section)));
  }
  expect(faults).toEqual([]);
});
