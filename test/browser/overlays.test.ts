import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { faultsOf } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();
let asking = "";

beforeAll(async () => {
  await publish(on.client, "asking");
  asking = await start(on.client, "asking");
  await until(on.client, asking, "WAITING_APPROVAL");
});

type Overlay = {
  readonly what: string;
  readonly path: () => string;
  readonly width: number;
  /** The name of the button that opens it. */
  readonly button: string | RegExp;
  /** An entry of the menu that opens a dialog in turn. */
  readonly entry?: string;
};

const OVERLAYS: readonly Overlay[] = [
  { what: "who this is", path: () => "/runs", width: 1440, button: "local user" },
  { what: "the other pages", path: () => "/runs", width: 390, button: "More" },
  { what: "saved views", path: () => "/runs?status=approval", width: 1440, button: "Views" },
  {
    what: "a view's name",
    path: () => "/runs?status=approval",
    width: 390,
    button: "Views",
    entry: "Save this view…",
  },
  { what: "what to do with a run", path: () => `/runs/${asking}`, width: 1440, button: "More actions" },
  {
    what: "a signal",
    path: () => `/runs/${asking}`,
    width: 390,
    button: "More actions",
    entry: "Send a signal…",
  },
  {
    what: "another run beside it",
    path: () => `/runs/${asking}`,
    width: 390,
    button: "More actions",
    entry: "Compare with another run",
  },
  {
    what: "a run again",
    path: () => `/runs/${asking}`,
    width: 390,
    button: "More actions",
    entry: "Run again…",
  },
  { what: "the end of a run", path: () => `/runs/${asking}`, width: 390, button: "Cancel" },
  {
    what: "what to do with a workflow",
    path: () => "/workflows?environment=stories",
    width: 1440,
    button: "More for asking",
  },
  { what: "the keys", path: () => "/runs", width: 1440, button: "Keys" },
  { what: "a new key", path: () => "/settings/access", width: 390, button: /^New key/ },
  { what: "a new schedule", path: () => "/settings/schedules", width: 390, button: /^New schedule/ },
];

for (const { what, path, width, button, entry } of OVERLAYS)
  inBrowser(
    `axe finds nothing on what opens over a page: ${what}; Escape closes it, the focus goes back`,
    async () => {
      const page = await on.open(path(), { width });
      const opener = page.getByRole("button", { name: button, exact: typeof button === "string" }).first();
      await opener.click();
      if (entry !== undefined) await page.getByRole("menuitem", { name: entry }).click();
      const over = page.locator(entry === undefined ? '[role="menu"],[role="dialog"]' : '[role="dialog"]');
      await over.waitFor();
      expect(await faultsOf(page, what)).toEqual([]);
      await page.keyboard.press("Escape");
      await over.waitFor({ state: "detached" });
      await expect.poll(() => focusedName(page)).toMatch(button);
    },
  );

inBrowser("a tip says what a button does to pointer and keyboard, and goes by any key", async () => {
  const page = await on.open("/runs");
  const keys = page.getByRole("button", { name: "Keys" });
  const tip = page.getByRole("tooltip");
  await keys.hover();
  await tip.waitFor();
  await expect.poll(() => tip.textContent()).toBe("Keys?");
  await expect.poll(() => keys.getAttribute("aria-describedby")).toBe(await tip.getAttribute("id"));
  expect(await faultsOf(page, "a tip")).toEqual([]);
  await tip.hover();
  expect(await tip.isVisible()).toBe(true);
  await page.keyboard.press("Escape");
  await tip.waitFor({ state: "detached" });
  expect(new URL(page.url()).pathname).toBe("/runs");
  await page.mouse.move(0, 0);
  await keys.focus();
  await page.keyboard.press("Tab");
  await page.getByRole("tooltip", { name: /Light or dark/ }).waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.getByRole("tooltip", { name: /Keys/ }).waitFor();
});

function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement: at } = document;
    return at?.getAttribute("aria-label") ?? at?.textContent ?? "";
  });
}
