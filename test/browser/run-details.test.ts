import type { Locator, Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { letItBe } from "./support/later.ts";
import { inBrowser, stage } from "./support/station.ts";
import { longDefinition, publish, start, until } from "./support/workflows.ts";

const on = stage({ STATION_TRACE_URL: "https://traces.example/trace/{traceId}?from=station" });

beforeAll(async () => {
  await publish(on.client, "busy", "failing", "signalled", "half", "judged");
});

const inspector = (page: Page) => page.getByRole("complementary", { name: "Details of the selected step" });
const inspected = (page: Page, name: string) =>
  inspector(page).getByRole("heading", { name, exact: true }).waitFor();

inBrowser(
  "without a choice the question that is open is shown, then the first failure, then what runs",
  async () => {
    const runId = await start(on.client, "busy");
    const page = await on.open(`/runs/${runId}`);
    // The failure was first: what a person can do comes before what nobody can help.
    await until(on.client, runId, "WAITING_APPROVAL");
    await page.getByRole("treeitem", { name: /Failed break/ }).waitFor();
    await inspected(page, "ask");
    await inspector(page).getByRole("button", { name: "Approve", exact: true }).click();
    await page.keyboard.press("Control+Enter");
    await inspected(page, "break");
    // The same as of an event at which the question was open, and before anything had failed.
    const { items } = await on.client.listEvents({ params: { runId }, query: { limit: 200 } });
    const at = (type: string) => items.find((event) => event.type === type)?.seq;
    await page.goto(`${on.deployment.url}/runs/${runId}?at=${at("approval.requested")}`);
    await inspected(page, "ask");
    await page.goto(`${on.deployment.url}/runs/${runId}?at=2`);
    await inspected(page, "all");
    // What somebody chose stays chosen, whatever happens.
    await page.goto(`${on.deployment.url}/runs/${runId}`);
    await page.getByRole("treeitem", { name: /Waiting for signal wait/ }).click();
    await inspected(page, "wait");
    await on.client.signalRun({ params: { runId }, body: { name: "go" } });
    await page.getByText("Failed", { exact: true }).first().waitFor();
    await page.getByRole("treeitem", { name: /Succeeded wait/ }).waitFor();
    await inspected(page, "wait");
    await page.keyboard.press("f");
    await inspected(page, "break");
  },
);

for (const [many, size] of [
  ["some", 100],
  ["very many", 400],
] as const)
  inBrowser(
    `of a context of ${many} values only what the step changed is shown; the whole opens where it changed`,
    async () => {
      const values = Array.from({ length: size }, (_, i) => [`value_${String(i).padStart(3, "0")}`, i]);
      const runId = await start(on.client, "failing", Object.fromEntries(values));
      await until(on.client, runId, "FAILED");
      const page = await on.open(`/runs/${runId}?tab=context`);
      await page.getByRole("treeitem", { name: /prepare/ }).click();
      const changed = inspector(page).getByRole("listitem").filter({ hasText: "added here" }).first();
      await changed.getByText("where:").waitFor();
      expect(await inspector(page).getByText("value_000:").count()).toBe(0);
      await inspector(page)
        .getByLabel(/^Whole context/)
        .check();
      await inspector(page)
        .getByText(`value_${size - 1}:`.replace("_99:", "_099:"))
        .waitFor();
      await expect.poll(() => isInSight(changed)).toBe(true);
      // What an author has to write to read it is copied beside it.
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await changed.hover();
      await changed.getByRole("button", { name: "Copy the path of where" }).click();
      await page.getByText("Copied ctx.where").waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("ctx.where");
    },
  );

inBrowser(
  "a long wait is drawn short until somebody wants it at its length, and zoomed by a pull",
  async () => {
    const runId = await start(on.client, "signalled");
    const page = await on.open("/nowhere");
    await letItBe(page, Date.now() + 18 * 60_000);
    await page.goto(`${on.deployment.url}/runs/${runId}`);
    await page.getByRole("treeitem", { name: /Waiting for signal wait/ }).waitFor();
    await page.getByText(/^⋯ 1[78]m( \d+s)? idle$/).waitFor();
    await page.keyboard.press("i");
    await page.getByText(/idle$/).waitFor({ state: "detached" });
    // At its length, a quarter of the strip is a quarter of the time.
    const strip = await page.getByTitle("Pull over a part to zoom").boundingBox();
    if (!strip) throw new Error("there is no strip");
    const y = strip.y + strip.height / 2;
    await page.mouse.move(strip.x + strip.width * 0.75, y);
    await page.mouse.down();
    await page.mouse.move(strip.x + strip.width * 0.5, y, { steps: 4 });
    await page.mouse.up();
    await page.getByRole("button", { name: /^4m( \d+s)? of 18m( \d+s)? – show all$/ }).click();
    await page.getByText(/pull over the strip to zoom$/).waitFor();
    await page.getByRole("button", { name: "Collapse idle time" }).click();
    await page.getByText(/idle$/).waitFor();
  },
);

inBrowser("a run that came to its end says what came of it, in a line and whole", async () => {
  const runId = await start(on.client, "half", { items: [{ name: "checkout", bad: false }] });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open(`/runs/${runId}`);
  await page.getByText("Came to its end").waitFor();
  await page.locator("code", { hasText: '"said":"checkout"' }).waitFor();
  await page.getByRole("button", { name: "Show the result" }).click();
  const result = page.getByRole("region", { name: "Result" });
  await result.getByText('"checkout"').waitFor();
  await page.getByRole("button", { name: "Hide the result" }).click();
  await result.waitFor({ state: "detached" });
});

inBrowser("a failure is copied for an issue, with the run, the error and where to look", async () => {
  const runId = await start(on.client, "failing");
  await until(on.client, runId, "FAILED");
  const page = await on.open(`/runs/${runId}`);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const { traceId } = await on.client.getRun({ params: { runId } });
  const address = `https://traces.example/trace/${traceId}?from=station`;
  expect(await page.getByRole("link", { name: "Open the trace" }).getAttribute("href")).toBe(address);
  const ofStep = inspector(page).getByRole("link", { name: traceId });
  expect(await ofStep.getAttribute("href")).toBe(address);
  const copied = async () => {
    await page.getByRole("button", { name: /^(Copy for an issue|Copied)$/ }).click();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  await expect
    .poll(copied)
    .toBe(
      [
        `Run ${runId} of failing v1 failed`,
        "State: try_it (2 attempts)",
        "Error: no_route: no route to host",
        `Link: ${on.deployment.url}/runs/${runId}`,
        `Trace: ${traceId}`,
      ].join("\n"),
    );
});

inBrowser("two runs of a workflow are compared step by step", async () => {
  const before = await start(on.client, "half", { items: [{ name: "a", bad: false }] });
  await until(on.client, before, "COMPLETED");
  const runId = await start(on.client, "half", { items: [{ name: "a", bad: true }] });
  await until(on.client, runId, "FAILED");
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("treeitem", { name: /each/ }).waitFor();
  await page.keyboard.press("=");
  const dialog = page.getByRole("dialog", { name: "Compare with another run" });
  await expect.poll(() => dialog.getByLabel("With").inputValue()).toBe(before);
  for (const step of [/look/, /break/, /fine/]) await dialog.getByText(step).first().waitFor();
  await dialog.getByText("not taken").first().waitFor();
});

inBrowser(
  "a run is compared with no workflow of another environment, and with nothing that could not be read",
  async () => {
    const text = (name: string) =>
      `id: twin\nname: Twin\nstates: [{ name: ${name}, type: inject, data: {}, end: true }]\n`;
    for (const environment of ["default", "stories"])
      await on.client.createWorkflow({ body: { definition: text(environment), environment } });
    await on.client.startRun({ body: { workflowId: "twin", environment: "default", input: {} } });
    const begin = () =>
      on.client.startRun({ body: { workflowId: "twin", environment: "stories", input: {} } });
    const { runId } = await begin();
    await until(on.client, runId, "COMPLETED");
    const page = await on.open(`/runs/${runId}`, { expected: /status of 404/ });
    await page.getByRole("treeitem", { name: /stories/ }).waitFor();
    await page.keyboard.press("=");
    await page.getByRole("heading", { name: "No other run" }).waitFor();
    await page.keyboard.press("Escape");
    await begin();
    const body = JSON.stringify({ status: 404, code: "not-found", detail: "It is away", instance: "" });
    const gone = { status: 404, contentType: "application/problem+json", body };
    await page.route(/\/steps$/, (route) => route.fulfill(gone));
    await page.keyboard.press("=");
    const dialog = page.getByRole("dialog", { name: "Compare with another run" });
    await dialog.getByRole("alert").waitFor();
    expect(await dialog.getByText("not taken").count()).toBe(0);
  },
);

inBrowser("a large graph starts with its groups closed, and is walked and seen whole by keys", async () => {
  const long = longDefinition(90);
  const [first, ...rest] = long.states;
  const group = {
    name: "group",
    type: "foreach",
    itemsPath: "ctx.items",
    iterator: { states: [{ name: "inner", type: "inject", data: {}, end: true }] },
    next: "s0",
  };
  const definition = { ...long, id: "grouped", start: "group", states: [group, first, ...rest] };
  await on.client.createWorkflow({
    body: { definition: JSON.stringify(definition), environment: "stories" },
  });
  const { runId } = await on.client.startRun({
    body: { workflowId: "grouped", environment: "stories", input: { skip: false, items: [1] } },
  });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open(`/runs/${runId}?view=graph`);
  await page.locator('[data-layouts="1"]').waitFor();
  await page.getByRole("button", { name: "Unfold group" }).waitFor();
  expect(await page.getByLabel(/^inner, inject/).count()).toBe(0);
  await page.keyboard.press("j");
  await inspected(page, "s0");
  await page.keyboard.press("k");
  await inspected(page, "group");
  const transform = () =>
    page.locator(".react-flow__viewport").evaluate((element) => element.style.transform);
  const before = await transform();
  await page.keyboard.press("z");
  await expect.poll(transform).not.toBe(before);
  await page.getByRole("button", { name: "Unfold group" }).click();
  await page.getByLabel(/^inner, inject, succeeded/).waitFor();
});

async function isInSight(element: Locator): Promise<boolean> {
  return element.evaluate((row) => {
    const { top, bottom, left } = row.getBoundingClientRect();
    const there = document.elementFromPoint(left + 30, (top + bottom) / 2);
    return there !== null && row.contains(there);
  });
}

inBrowser("a step says which schemas were checked and held, and a switch which values it saw", async () => {
  const { runId } = await on.client.startRun({
    body: { workflowId: "incident-triage", input: { namespace: "production", service: "checkout" } },
  });
  const judged = await start(on.client, "judged", { n: "many" });
  await until(on.client, judged, "FAILED");
  const page = await on.open(`/runs/${judged}`);
  const schemas = inspector(page).getByTitle(/^What the file of/);
  const checks = async (state: string) => {
    await page.getByRole("treeitem", { name: new RegExp(`\\b${state}\\b`) }).click();
    await inspected(page, state);
    return schemas.textContent();
  };
  expect(await checks("count")).toBe("input ✕");
  expect(await checks("judge")).toBe("output ✕");
  // Nothing is said where there is nothing to check.
  await page.getByRole("treeitem", { name: /\btell\b/ }).click();
  await inspected(page, "tell");
  await schemas.waitFor({ state: "detached" });

  await until(on.client, runId, "WAITING_APPROVAL");
  await page.goto(`${on.deployment.url}/runs/${runId}`);
  expect(await checks("check_errors")).toBe("input ✓ · output ✓");
  await page.getByText("(0.083 > 0.05)").waitFor();
  await page.keyboard.press("2");
  await page
    .getByTitle("error_rate > ctx.config.thresholds.errorRate · 0.083, 0.05 ✓", { exact: true })
    .getByText("… · 0.083, 0.05 ✓")
    .waitFor();
});

inBrowser("a page that cannot be loaded leads to the trace of the request that failed", async () => {
  const page = await on.open("/nowhere", { expected: /status of 503/ });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  await page.route(/\/api\/v1\/workflow-runs\?/, (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      json: {
        type: "about:blank",
        title: "Unavailable",
        status: 503,
        code: "unavailable",
        detail: "The store does not answer.",
        instance: "urn:request:1",
        traceId,
      },
    }),
  );
  await page.goto(`${on.deployment.url}/runs`);
  const link = page.getByRole("alert").getByRole("link", { name: traceId });
  expect(await link.getAttribute("href")).toBe(`https://traces.example/trace/${traceId}?from=station`);
});

inBrowser("a result that is not what the workflow promises says so beside it", async () => {
  const definition = `
id: promising
name: Promises more than it gives
version: "1"
outputSchema: { type: object, required: [by] }
states: [{ name: note, type: inject, data: { ok: true }, end: true }]
`;
  await on.client.createWorkflow({ body: { definition, environment: "stories" } });
  const { runId } = await on.client.startRun({ body: { workflowId: "promising", environment: "stories" } });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open(`/runs/${runId}`);
  await page.getByText(`But its output does not match the workflow's schema: /by: "by" is missing`).waitFor();
  await page.setViewportSize({ width: 390, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
