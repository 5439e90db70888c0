import { beforeAll, expect } from "vitest";
import { startProxy } from "../support/tcp-proxy.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();

beforeAll(async () => {
  await publish(on.client, "half", "failing", "asking", "signalled");
});

const items = [
  { name: "checkout", bad: false },
  { name: "payments", bad: true },
  { name: "search", bad: false },
];

inBrowser(
  "who approves sees the question, its evidence and its deadline, and is written down by name",
  async () => {
    const runId = await start(on.client, "asking");
    await until(on.client, runId, "WAITING_APPROVAL");
    const page = await on.open(`/runs/${runId}`);
    const card = page.getByRole("complementary");
    // The evidence came from an agent: it is text, whatever it looks like.
    await card.getByRole("heading", { name: "Go on with <img src=x onerror=alert(1)>?" }).waitFor();
    await card.getByText(/^\d+m \d+s left$/).waitFor();
    await card.getByText(/^anyone/).waitFor();
    await card.getByText("If you approve").waitFor();
    expect(await page.locator("img").count()).toBe(0);
    await card.getByRole("button", { name: "Approve" }).click();
    await card.getByRole("textbox").fill("looks right");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Completed", { exact: true }).first().waitFor();
    await page.getByRole("treeitem", { name: /ask/ }).click();
    await card.getByText("Approved by user:local").waitFor();
    await card.getByText("looks right", { exact: true }).waitFor();
    // In the past nothing can be decided, and what was not said by then is not shown.
    const { items: events } = await on.client.listEvents({ params: { runId }, query: { limit: 200 } });
    const asked = events.find(({ type }) => type === "approval.requested")?.seq;
    await page.goto(`${on.deployment.url}/runs/${runId}?at=${asked}`);
    await card.getByText("Nobody had decided.").waitFor();
    expect(await card.getByRole("button", { name: "Approve" }).count()).toBe(0);
  },
);

inBrowser("who listens hears how the run stands once per change, and not the time that is left", async () => {
  const runId = await start(on.client, "asking");
  await until(on.client, runId, "WAITING_APPROVAL");
  const page = await on.open(`/runs/${runId}`);
  const banner = page.getByText(/^Waiting for approval by anyone .* left\./);
  await banner.waitFor();
  const heard = await page.evaluateHandle(() => {
    const texts: (string | null)[] = [];
    const live = [...document.querySelectorAll('main [role="status"], main [aria-live="polite"]')];
    for (const region of live) {
      texts.push(region.textContent);
      const observer = new MutationObserver(() => texts.push(region.textContent));
      observer.observe(region, { childList: true, characterData: true, subtree: true });
    }
    return texts;
  });
  const before = await banner.textContent();
  await expect.poll(() => banner.textContent()).not.toBe(before);
  await page.keyboard.press("p");
  await page.getByText("Paused by user:local").waitFor();
  expect((await heard.jsonValue()).filter((text) => text !== "")).toEqual([
    "The run waits for approval by anyone (0 of 1): Go on with <img src=x onerror=alert(1)>?",
    "The run is paused",
  ]);
});

inBrowser(
  "a step that ends is shown without anybody asking for it, and so is the end of the run",
  async () => {
    const runId = await start(on.client, "signalled");
    const page = await on.open(`/runs/${runId}`);
    await page.getByRole("treeitem", { name: /Waiting for signal wait/ }).waitFor();
    await page.keyboard.press("s");
    const dialog = page.getByRole("dialog", { name: "Send a signal" });
    await dialog.getByText("The run waits for “go”.").waitFor();
    await dialog.getByRole("button", { name: "Send signal" }).click();
    await page.getByRole("treeitem", { name: /Running slow/ }).waitFor();
    await page.getByRole("treeitem", { name: /Succeeded slow/ }).waitFor();
    await page.getByText("Final").waitFor();
  },
);

inBrowser(
  "a cancelled run is Cancelled, with two l and the grey of what is over, and can be filtered",
  async () => {
    const runId = await start(on.client, "signalled");
    const page = await on.open(`/runs/${runId}`);
    await page.getByRole("treeitem", { name: /wait/ }).waitFor();
    await page.keyboard.press("Shift+C");
    await page.getByRole("dialog").getByRole("textbox").fill("not today");
    await page.getByRole("button", { name: "Cancel run" }).click();
    await page.getByText("Cancelled by user:local").waitFor();
    await page.getByText(/^Cancelled by user:local .*: not today/).waitFor();
    await page.goto(`${on.deployment.url}/runs?status=cancelled`);
    await page
      .getByRole("row", { name: /Cancelled.*signalled/ })
      .first()
      .waitFor();
  },
);

inBrowser("foreach items are named by their value, and can be narrowed to those that failed", async () => {
  const runId = await start(on.client, "half", { items });
  await until(on.client, runId, "FAILED", "COMPLETED");
  const page = await on.open(`/runs/${runId}`);
  for (const { name } of items) await page.getByRole("treeitem", { name }).first().waitFor();
  await page.getByRole("button", { name: "✕ 1" }).click();
  await page.getByRole("treeitem", { name: "checkout" }).waitFor({ state: "detached" });
  await page.getByRole("treeitem", { name: "payments" }).waitFor();
});

inBrowser("a run that took no time has bars, and nothing of it is NaN", async () => {
  const runId = await start(on.client, "half", { items: [] });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("treeitem", { name: /each/ }).waitFor();
  expect(await page.content()).not.toContain("NaN");
  await expect.poll(() => page.locator("[data-kind]").count()).toBeGreaterThan(0);
});

inBrowser("view, step and tab are in the address: reload and back keep the place", async () => {
  const runId = await start(on.client, "failing");
  await until(on.client, runId, "FAILED");
  const page = await on.open("/runs");
  await page
    .getByRole("row", { name: /failing/ })
    .first()
    .click();
  await page.getByRole("treeitem", { name: /prepare/ }).click();
  await page.getByRole("tab", { name: "Context Δ" }).click();
  const place = page.url();
  expect(place).toMatch(/step=[0-9a-f]+.*tab=context|tab=context.*step=/);
  await page.reload();
  await page.getByText("region:").first().waitFor();
  await page.goBack();
  await page.getByRole("table", { name: "Runs" }).waitFor();
  await page.goForward();
  await page.getByText("region:").first().waitFor();
});

inBrowser(
  "every state is in the graph from the first second on, also the ones behind a failure",
  async () => {
    const runId = await start(on.client, "failing");
    await until(on.client, runId, "FAILED");
    const page = await on.open(`/runs/${runId}?view=graph`);
    for (const label of [
      "prepare, inject, succeeded",
      "try_it, operation, failed after 2 attempts",
      "never, inject, not taken",
    ])
      await page.getByLabel(label, { exact: true }).waitFor();
    expect(await page.locator('[data-id*="undefined"]').count()).toBe(0);
  },
);

inBrowser("what a foreach does to each item is in the graph, and its end is no failure", async () => {
  const runId = await start(on.client, "half", { items: items.filter(({ bad }) => !bad) });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open(`/runs/${runId}?view=graph`);
  for (const label of [
    "each, foreach, succeeded",
    "look, switch, succeeded",
    "fine, operation, succeeded",
    "break, operation, not taken",
  ])
    await page.getByLabel(label, { exact: true }).waitFor();
  expect(await page.locator('.react-flow__node [data-tone="bad"]').count()).toBe(0);
  // What a switch saw stands at its arms, the taken one and the other.
  await page.getByTitle("ctx.item.bad · false ✕", { exact: true }).waitFor();
  await page.getByTitle("otherwise ✓", { exact: true }).waitFor();
});

inBrowser("behind a proxy under another address every request goes to that address", async () => {
  const proxy = await startProxy([Number(new URL(on.deployment.url).port)]);
  const runId = await start(on.client, "half", { items: [] });
  // Whatever leaves the address it was opened at is a complaint.
  const page = await on.open(`/runs/${runId}`, { at: `http://127.0.0.1:${proxy.port}` });
  await page.getByText("Final").waitFor();
  await page.getByText("connected", { exact: true }).waitFor();
  await page.close();
  await proxy.close();
});

inBrowser(
  "a list that cannot be loaded says so where it would be, and is there when it is asked again",
  async () => {
    const page = await on.open("/workflows?environment=stories", { expected: /status of 500/ });
    await page.getByRole("row", { name: /signalled/ }).waitFor();
    await page.route(/\/api\/v1\/workflow-runs\?/, (route) =>
      route.fulfill({ status: 500, contentType: "application/json", body: "{}" }),
    );
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.getByRole("heading", { name: "The runs could not be loaded" }).waitFor();
    await page.unroute(/\/api\/v1\/workflow-runs\?/);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("table", { name: "Runs" }).waitFor();
  },
);

inBrowser("nothing on a list or a run deletes a run with its trail", async () => {
  const runId = await start(on.client, "half", { items: [] });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open("/runs");
  await page.getByRole("checkbox", { name: "Select all rows" }).check();
  await page.getByRole("toolbar", { name: "Marked runs" }).waitFor();
  expect(await page.getByRole("button", { name: /delete|remove/i }).count()).toBe(0);
  await page.goto(`${on.deployment.url}/runs/${runId}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: /Compare/ }).waitFor();
  expect(await page.getByRole("menuitem", { name: /delete|remove/i }).count()).toBe(0);
});

inBrowser("a failed run says what failed, why, how often it was tried, and what next", async () => {
  const runId = await start(on.client, "failing");
  await until(on.client, runId, "FAILED");
  const page = await on.open(`/runs/${runId}`);
  await page.getByText("try_it failed after 2 attempts").waitFor();
  await page
    .getByText(/no route to host/)
    .first()
    .waitFor();
  await page.getByText(/What next/).waitFor();
  await expect.poll(() => page.title()).toMatch(/^✕ failing/);
});

inBrowser("what cannot be loaded is said on the page, with the way to ask again", async () => {
  const page = await on.open("/runs/run_that_never_was", { expected: /404/ });
  await page.getByRole("heading", { name: "There is no such run" }).waitFor();
});

inBrowser("a run is paused and goes on by the same key", async () => {
  const runId = await start(on.client, "signalled");
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("treeitem", { name: /wait/ }).waitFor();
  await page.keyboard.press("p");
  await page.getByText("Paused by user:local").waitFor();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  await page.keyboard.press("p");
  await page.getByRole("button", { name: "Pause" }).waitFor();
});

inBrowser("run again starts a new run with the same input and goes to it", async () => {
  const runId = await start(on.client, "half", { items: [] });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open(`/runs/${runId}`);
  await page.getByText("Final").waitFor();
  await page.keyboard.press("Shift+R");
  await page.getByRole("button", { name: "Start run" }).click();
  await page.waitForURL((url) => url.pathname.startsWith("/runs/run_") && !url.pathname.endsWith(runId));
  await page.getByText("Final").waitFor();
});

inBrowser("events are narrowed by kind and text, unfolded, and exported as they came", async () => {
  const runId = await start(on.client, "failing");
  const { seq } = await until(on.client, runId, "FAILED");
  const page = await on.open(`/runs/${runId}?view=events`);
  await page.getByRole("button", { name: /^step \d/ }).click();
  await page.getByRole("button", { name: /run\.created/ }).waitFor({ state: "detached" });
  // What vouches for it is there to be kept, and the command that checks it.
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByText(`Sealed up to event ${seq}:`).waitFor();
  const { items: last } = await on.client.listEvents({ params: { runId }, query: { after: seq - 1 } });
  await page.getByRole("button", { name: "Copy hash" }).click();
  await expect.poll(clipboard).toBe(last[0]?.hash);
  await page.getByRole("button", { name: "Copy command" }).click();
  await expect.poll(clipboard).toBe("stn audit verify");
  await page.getByRole("searchbox", { name: "Filter events" }).fill("no route");
  await page.getByText(new RegExp(`^\\d of ${seq} events$`)).waitFor();
  await page
    .getByRole("button", { name: /step\.failed/ })
    .first()
    .click();
  await page.getByText("no_route").first().waitFor();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "NDJSON" }).click();
  expect((await saved).suggestedFilename()).toBe(`${runId}.events.ndjson`);
});
