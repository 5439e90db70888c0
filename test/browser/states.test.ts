import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { layoutFaultsOf } from "./support/layout.ts";
import { faultsOf } from "./support/looks.ts";
import { shot } from "./support/shot.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();
let asking = "";

beforeAll(async () => {
  await publish(on.client, "asking");
  asking = await start(on.client, "asking");
  await until(on.client, asking, "WAITING_APPROVAL");
});

/** Every page that has to ask the server for what it shows. */
const PAGES: readonly (readonly [string, () => string])[] = [
  ["overview", () => "/"],
  ["workflows", () => "/workflows"],
  ["a workflow", () => "/workflows/asking?environment=stories"],
  ["runs", () => "/runs"],
  ["a run", () => `/runs/${asking}`],
  ["approvals", () => "/approvals"],
  ["an approval", () => "/approvals/apr_1"],
  ["agents", () => "/agents"],
  ["an agent", () => "/agents/echo"],
  ["bundles", () => "/bundles"],
  ["keys", () => "/settings/access"],
  ["schedules", () => "/settings/schedules"],
  ["webhooks", () => "/settings/webhooks"],
  ["notifications", () => "/settings/notifications"],
  ["environments", () => "/settings/environments"],
];

const API = /\/api\/v1\/(?!stream)/;

for (const [what, path] of PAGES) {
  inBrowser(`while ${what} is on its way the page says so, in its shape`, async () => {
    const page = await on.open("/nowhere");
    await page.route(API, () => {}); // no answer, ever
    await page.goto(on.deployment.url + path());
    await page.locator('main [role="status"][aria-label^="Loading"]').first().waitFor();
    expect(await faultsOfState(page, `loading ${what}`)).toEqual([]);
  });

  inBrowser(`when ${what} cannot be loaded the page says what, why, and how to ask again`, async () => {
    const page = await on.open("/nowhere", { expected: /status of 40[34]/ });
    await page.route(API, (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        body: JSON.stringify({
          type: "/problems/forbidden",
          title: "Forbidden",
          status: 403,
          code: "forbidden",
          detail: "somebody took your role away",
          instance: "urn:request:req_1",
        }),
      }),
    );
    await page.goto(on.deployment.url + path());
    const panel = page.locator("main").getByRole("alert").first();
    await panel.getByText("somebody took your role away").waitFor();
    await panel.getByRole("button", { name: /again/i }).waitFor();
    expect(await faultsOfState(page, `broken ${what}`)).toEqual([]);
    // It is what it was as soon as the server answers.
    await page.unroute(API);
    await panel.getByRole("button", { name: /again/i }).click();
    await panel.getByText("somebody took your role away").waitFor({ state: "detached" });
  });
}

/** At the width of a phone everything, at that of a desk how it is laid out. */
async function faultsOfState(page: Page, what: string): Promise<readonly string[]> {
  const desk = await layoutFaultsOf(page);
  await shot(page, what.replace(/\W+/g, "-"));
  await page.setViewportSize({ width: 390, height: 844 });
  return [...desk, ...(await faultsOf(page, what, { isComplete: false }))];
}
