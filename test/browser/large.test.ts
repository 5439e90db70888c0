import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { settled } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";
import { longDefinition, publish, start, until } from "./support/workflows.ts";

const on = stage();
let many = "";

beforeAll(async () => {
  await publish(on.client, "many");
  many = await start(on.client, "many", { items: Array.from({ length: 10_000 }, (_, i) => `item-${i}`) });
  await until(on.client, many, "COMPLETED");
});

inBrowser("a run of 10,000 steps is there in 1.5 s, and scrolls without stutter", async () => {
  // The first visit warms the server's cache of the browser's own start; people do not open the first page of a day cold.
  await on.open("/runs");
  const page = await on.open("/nowhere", { watch: '[role="treeitem"]' });
  const cpuMs = await cpuMeter(page);
  await page.goto(`${on.deployment.url}/runs/${many}`);
  await page.getByRole("treeitem").first().waitFor();
  const paintCpuMs = await cpuMs();
  const paintedMs = await page.evaluate(() => (globalThis as unknown as { firstSeenAt: number }).firstSeenAt);
  expect(paintCpuMs).toBeLessThan(1500);
  expect(paintedMs).toBeLessThan(IS_ALONE ? 1500 : Number.POSITIVE_INFINITY);
  await page.getByText("loading history…").waitFor({ state: "detached", timeout: 60_000 });
  await page.getByRole("button", { name: "Unfold each" }).click();
  await page.getByRole("treeitem", { name: "item-20" }).waitFor();
  const frames = 120;
  const scrollCpuMs = await cpuMeter(page);
  const fps = await page.evaluate(async (count) => {
    const row = document.querySelector('[role="tree"]');
    const scroller = row?.parentElement;
    if (!scroller) throw new Error("nothing scrolls");
    const intervals: number[] = [];
    let last = performance.now();
    for (let i = 0; i < count; i++) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      intervals.push(now - last);
      last = now;
      scroller.scrollTop += 340;
    }
    intervals.sort((a, b) => a - b);
    return 1000 / (intervals[Math.floor(intervals.length / 2)] ?? 1000);
  }, frames);
  const frameCpuMs = (await scrollCpuMs()) / frames;
  console.log(
    `10,000 steps: first rows after ${Math.round(paintedMs)} ms, ${paintCpuMs} ms of them the page's own work; ${Math.round(fps)} frames a second, ${frameCpuMs.toFixed(1)} ms of work each`,
  );
  expect(frameCpuMs).toBeLessThan(1000 / 50);
  expect(fps).toBeGreaterThan(IS_ALONE ? 50 : 0);
  // Only what is seen is drawn.
  expect(await page.getByRole("treeitem").count()).toBeLessThan(120);
});

inBrowser("a graph of 500 states opens in 3 s, and no event moves it", async () => {
  const definition = longDefinition(500);
  await on.client.createWorkflow({ body: { definition, environment: "stories" } });
  const { runId } = await on.client.startRun({
    body: { workflowId: "long", environment: "stories", input: { skip: false } },
  });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("treeitem").first().waitFor();
  const cpuMs = await cpuMeter(page);
  const opened = Date.now();
  await page.keyboard.press("2");
  await page.locator(".react-flow__node").first().waitFor();
  const openMs = Date.now() - opened;
  const openCpuMs = await cpuMs();
  await page.locator('[data-layouts="1"]').waitFor();
  console.log(
    `500 states: there after ${openMs} ms, ${openCpuMs} ms of them the page's own work; laid out after ${Date.now() - opened} ms`,
  );
  expect(openCpuMs).toBeLessThan(1500);
  expect(openMs).toBeLessThan(IS_ALONE ? 3000 : Number.POSITIVE_INFINITY);
  const transform = () =>
    page.locator(".react-flow__viewport").evaluate((element) => element.style.transform);
  // The camera goes to the layout once.
  await expect.poll(transform, { timeout: 20_000 }).not.toBe("translate(0px, 0px) scale(1)");
  await settled(page);
  const before = await transform();
  for (let i = 0; i < 5; i++) await page.keyboard.press("Shift+ArrowLeft");
  await page.getByText(/Viewing event/).waitFor();
  expect(await page.locator("[data-layouts]").getAttribute("data-layouts")).toBe("1");
  expect(await transform()).toBe(before);
});

inBrowser("an output of 2 MB is not drawn but can be saved, and the page goes on", async () => {
  const items = Array.from({ length: 4 }, () => "x".repeat(230_000));
  const runId = await start(on.client, "many", { items });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open(`/runs/${runId}?tab=output`);
  await page.getByRole("treeitem", { name: /^Succeeded each/ }).click();
  await page.getByText(/too much to draw/).waitFor();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect((await saved).suggestedFilename()).toBe("output-of-each.json");
  await page.keyboard.press("3");
  await page.getByRole("button", { name: /run\.completed/ }).waitFor();
});

/** Counts what a page's main thread works, in ms of processor time: the same however busy the machine is. */
async function cpuMeter(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
  };
  const before = await worked();
  return async () => Math.round((await worked()) - before);
}

/** Nothing else is at work here: then, and only then, what the clock says is the page's own doing. */
const IS_ALONE = process.env["STATION_BROWSER_STRICT"] !== undefined;
