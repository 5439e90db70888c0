import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { faultsAtBothWidths } from "./support/looks.ts";
import { shot } from "./support/shot.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();
let asking = "";
let failed = "";

beforeAll(async () => {
  await publish(on.client, "asking", "failing", "formed");
  asking = await start(on.client, "asking");
  failed = await start(on.client, "failing");
  await until(on.client, asking, "WAITING_APPROVAL");
  await until(on.client, failed, "FAILED");
});

/** The palette, opened by key over a page that is there. */
async function openedPalette(page: Page) {
  await page.locator("h1").first().waitFor();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search and run commands" });
  await palette.getByRole("combobox").waitFor();
  return palette;
}

inBrowser("a few letters lead to any page, with the keyboard alone", async () => {
  const page = await on.open("/runs");
  const palette = await openedPalette(page);
  await page.keyboard.type("workfl");
  await palette.getByRole("option", { name: /Workflows/, selected: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/workflows$/);
  await palette.waitFor({ state: "detached" });
  // what was chosen lately comes first
  await page.keyboard.press("Control+k");
  await page.keyboard.type("w");
  await palette.getByRole("option", { name: /Workflows/, selected: true }).waitFor();
});

inBrowser("a run is found by a part of its id, also one that is not among the latest", async () => {
  const page = await on.open("/runs");
  await page.getByRole("button", { name: /Search/ }).click();
  const palette = page.getByRole("dialog", { name: "Search and run commands" });
  await palette.getByRole("combobox").fill(failed.slice(-8));
  await palette.getByRole("option", { name: /failing/ }).click();
  await page.waitForURL(`**/runs/${failed}`);
});

inBrowser("what waits for a decision is one entry away, and nothing is decided by choosing it", async () => {
  const page = await on.open("/runs");
  const palette = await openedPalette(page);
  await palette.getByRole("combobox").fill("go on with");
  await palette.getByRole("option", { name: /Go on with.*asking/ }).click();
  await page.waitForURL(/\/approvals\?approval=apr_/);
  await page.getByRole("button", { name: /Approve/ }).waitFor();
  const { items } = await on.client.listApprovals({ query: { mine: true } });
  expect(items.map(({ runId, status }) => [runId, status])).toEqual([[asking, "PENDING"]]);
});

inBrowser("a run is started from anywhere, in the form that its workflow asks for", async () => {
  const page = await on.open("/workflows?environment=stories");
  const palette = await openedPalette(page);
  await palette.getByRole("combobox").fill("run formed");
  await palette.getByRole("option", { name: "Run formed…" }).click();
  await page.getByRole("dialog", { name: "Run formed" }).getByLabel("Service").waitFor();
  // over another dialog it stays away
  await page.keyboard.press("Control+k");
  expect(await palette.count()).toBe(0);
});

inBrowser("what can be done with a run is offered by name, and done when it is chosen", async () => {
  const page = await on.open(`/runs/${asking}`);
  await page.getByRole("button", { name: "Approve", exact: true }).waitFor();
  const palette = await openedPalette(page);
  await palette.getByRole("group", { name: "Actions here" }).getByText("Send a signal…").waitFor();
  await palette.getByRole("combobox").fill("cancel the");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Cancel asking?" }).waitFor();
});

inBrowser("the list of keys says which of them do something on this page", async () => {
  const page = await on.open("/runs");
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await keys.getByText("Next row").waitFor();
  const off = keys.locator("[data-off] dt");
  await expect.poll(() => off.allTextContents()).toContain("Cancel the run…");
  expect(await off.allTextContents()).not.toContain("Go to the filter");
});

inBrowser("axe finds nothing in the palette, and nothing is cut off or covered", async () => {
  const page = await on.open("/runs");
  await page.getByRole("row").nth(1).waitFor();
  await openedPalette(page);
  await page.getByRole("option", { name: /Runs/ }).waitFor();
  await page.getByRole("group", { name: "Waiting for you" }).waitFor();
  const faults = [...(await faultsAtBothWidths(page, "palette"))];
  await page.getByRole("combobox").fill("nothing is called like this");
  await page.getByText("Nothing is called “nothing").waitFor();
  faults.push(...(await faultsAtBothWidths(page, "nothing found")));
  expect(faults).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
});

inBrowser("on a phone everything that is not in the bar is behind “More”", async () => {
  const page = await on.open("/runs", { width: 390 });
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menu").waitFor();
  await shot(page, "more-390");
  await page.getByRole("menuitem", { name: "Search…" }).click();
  await page.getByRole("dialog", { name: "Search and run commands" }).waitFor();
});
