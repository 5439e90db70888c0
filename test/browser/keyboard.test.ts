import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { inBrowser, stage } from "./support/station.ts";
import { publish, until } from "./support/workflows.ts";

const on = stage();
const inStories = { params: { id: "asking" }, query: { environment: "stories" } } as const;

beforeAll(async () => {
  await publish(on.client, "asking");
  const { source } = await on.client.getWorkflow(inStories);
  await on.client.updateWorkflow({
    params: { id: "asking" },
    body: {
      environment: "stories",
      definition: source.replace("timeoutSeconds: 3600", "timeoutSeconds: 60"),
    },
  });
});

/** Tab until what is called so has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { activeElement: at } = document;
      return at?.getAttribute("aria-label") ?? at?.textContent ?? "";
    });
    if (name.test(focused)) return;
  }
  throw new Error(`nothing called ${name} can be tabbed to`);
}

inBrowser(
  "with the keyboard alone a run is started, watched, approved, and its workflow compared and rolled back",
  async () => {
    const page = await on.open("/workflows?environment=stories");
    const { keyboard } = page;
    await page.getByRole("row", { name: /asking/ }).waitFor();

    // Start: find it, begin with its form, send.
    await keyboard.press("/");
    await keyboard.type("asking");
    await keyboard.press("Tab");
    await page.getByRole("row", { name: /asking/ }).waitFor();
    await keyboard.press("j");
    await keyboard.press("r");
    await page.getByRole("dialog", { name: "Run asking" }).getByLabel("Input (JSON)").waitFor();
    await keyboard.press("Control+Enter");
    await page.waitForURL(/\/runs\/run_/);
    const runId = new URL(page.url()).pathname.split("/").pop() ?? "";

    // Watch: to the step that asks, its context, the graph, a step back in time and to live again.
    await page.getByRole("treeitem", { name: /Needs approval ask/ }).waitFor();
    await keyboard.press("k");
    await page.getByRole("heading", { name: "look" }).waitFor();
    await keyboard.press("2");
    await page.getByLabel("look, operation, succeeded", { exact: true }).waitFor();
    await keyboard.press("ArrowLeft");
    await page.getByText(/^Viewing event \d+ of \d+$/).waitFor();
    await keyboard.press("l");
    await keyboard.press("1");
    await page.getByRole("treeitem", { name: /Needs approval ask/ }).waitFor();
    await keyboard.press("j");

    // Approve: to the comment, and a second key.
    await page.getByRole("button", { name: "Approve", exact: true }).waitFor();
    await keyboard.press("a");
    await page.getByText("You are about to approve:").waitFor();
    await keyboard.type("by hand");
    await keyboard.press("Control+Enter");
    await page.getByText("Final").waitFor();
    await until(on.client, runId, "COMPLETED");

    // Compare and roll back.
    await keyboard.press("Escape");
    await page.getByRole("row", { name: /asking/ }).waitFor();
    await keyboard.press("j");
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "Asks" }).waitFor();
    await keyboard.press("4");
    await page.getByRole("heading", { name: "v1 → v2" }).waitFor();
    await page.locator("del", { hasText: "3600" }).waitFor();
    await tabTo(page, /^v1/);
    await keyboard.press("Enter");
    await page.getByRole("heading", { name: "v1, the first" }).waitFor();
    await tabTo(page, /^Roll back to v1/);
    await keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Roll asking back to v1?" }).waitFor();
    await tabTo(page, /^Roll back to v1$/);
    await keyboard.press("Enter");
    await expect.poll(async () => (await on.client.getWorkflow(inStories)).version).toBe(3);
    expect((await on.client.getWorkflow(inStories)).source).toContain("timeoutSeconds: 3600");
  },
);
