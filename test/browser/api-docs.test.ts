import type { Page } from "playwright-core";
import { expect } from "vitest";
import { faultsOf } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";

const on = stage();

/** Opens an operation: beside the page where there is room, in the page else. */
async function openOperation(page: Page): Promise<void> {
  const isWide = (page.viewportSize()?.width ?? 0) >= 768;
  const listed = isWide
    ? page.locator(".nav-bar-path", { hasText: "Send a signal to a run" })
    : page.locator(".endpoint-head", { hasText: "signals" });
  await listed.first().click();
  await page.getByText("CODE SAMPLES").first().waitFor();
}

inBrowser("who makes a key finds the page from there, and it keeps the theme that was chosen", async () => {
  const settings = await on.open("/settings/access");
  await settings.evaluate(() => localStorage.setItem("theme", "dark"));
  await settings.getByRole("link", { name: "Documentation with examples" }).click();
  await settings.locator('rapi-doc[theme="dark"]').waitFor();
  await settings.getByText("List workflows, by id").first().waitFor();
});

inBrowser("an operation is opened without a mouse, too", async () => {
  const page = await on.open("/api/docs", { width: 390 });
  const head = page.getByRole("button", { name: /workflow-runs\/\{runId\}\/signals/ });
  await head.press("Enter");
  await page.getByText("CODE SAMPLES").waitFor();
  await head.press("Space");
  await page.getByText("CODE SAMPLES").waitFor({ state: "detached" });
});

for (const width of [1280, 390])
  inBrowser(`an operation is found, with its three samples, at ${width} px`, async () => {
    const page = await on.open("/api/docs", { width });
    await page.getByRole("heading", { name: "Station’s API" }).waitFor();
    await openOperation(page);
    for (const [label, text] of [
      ["curl", '"$STATION_URL/api/v1/workflow-runs/$RUN_ID/signals"'],
      ["stn", 'stn signal "$RUN_ID" deployed'],
      ["TypeScript", "= process.env;"],
    ] as const) {
      await page.getByRole("button", { name: label, exact: true }).first().click();
      await expect
        .poll(() => page.locator(".tab-content code:visible").first().textContent())
        .toContain(text);
    }
    expect(await faultsOf(page, "the API")).toEqual([]);
  });
