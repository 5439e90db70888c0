import { beforeAll, expect } from "vitest";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();
const where = "environment=stories";

const listed = `
id: listed
name: Takes lists of numbers
version: "1"
inputSchema:
  type: object
  properties:
    shares: { type: array, items: { type: object, properties: { name: { type: string }, part: { type: number } } } }
    weights: { type: array, items: { type: number } }
    count: { type: integer, default: 2 }
states:
  - { name: note, type: inject, data: { ok: true }, end: true }
`;

const twice = `
id: twice
name: Asks twice at once
version: "1"
states:
  - name: both
    type: parallel
    branches:
      - { name: first, states: [{ name: one, type: operation, action: human.approval, input: { message: "The first?" }, end: true }] }
      - name: second
        states:
          - { name: wait, type: signal, signal: go, next: two }
          - { name: two, type: operation, action: human.approval, input: { message: "The second?" }, end: true }
    end: true
`;

beforeAll(async () => {
  await publish(on.client, "asking", "formed", "rolled");
  const rolled =
    "id: rolled\nname: Was changed\nstates: [{ name: note, type: inject, data: {}, end: true }]\n";
  await on.client.updateWorkflow({
    params: { id: "rolled" },
    query: { environment: "stories" },
    body: { definition: rolled },
  });
  for (const definition of [listed, twice])
    await on.client.createWorkflow({ body: { definition, environment: "stories" } });
});

inBrowser("a number of a list is sent as it was typed, key by key", async () => {
  const page = await on.open(`/workflows/listed?${where}`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Run listed" });
  const add = async (list: string, field: string, text: string) => {
    await dialog.getByRole("button", { name: `Add to ${list}` }).click();
    await dialog.getByLabel(field, { exact: true }).last().pressSequentially(text);
  };
  // What is left empty is said to be filled in.
  await dialog.getByLabel("count").fill("");
  expect(await dialog.getByLabel("count").getAttribute("placeholder")).toBe("2");
  await add("shares", "part", "0.05");
  await add("weights", "Value", "-1.50");
  await add("weights", "Value", "12");
  expect(await dialog.getByLabel("Value", { exact: true }).first().inputValue()).toBe("-1.50");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/runs\/run_/);
  const runId = new URL(page.url()).pathname.split("/").pop() ?? "";
  const { input } = await on.client.getRun({ params: { runId } });
  expect(input).toEqual({ shares: [{ part: 0.05 }], weights: [-1.5, 12], count: 2 });
});

inBrowser("what was typed for one workflow is not sent to another", async () => {
  const page = await on.open(`/workflows?${where}`);
  await page.getByRole("button", { name: "Start run" }).click();
  const choice = page.getByRole("dialog").getByLabel("Workflow");
  await choice.selectOption("rolled");
  const dialog = page.getByRole("dialog", { name: "Run rolled" });
  const editor = page.locator(".cm-content");
  await editor.fill('{ "why": "a test" }');
  await dialog.getByLabel("Version").selectOption("1");
  await dialog.getByText("Version 1 in stories").waitFor();
  await choice.selectOption("asking");
  await page.getByRole("dialog", { name: "Run asking" }).waitFor();
  expect(await editor.textContent()).toBe("{}");
});

inBrowser("what is typed into a filter is there at once, also in the middle of it", async () => {
  const page = await on.open("/runs");
  const box = page.getByRole("searchbox");
  await box.click();
  await page.keyboard.type("reach");
  await page.keyboard.press("Home");
  await page.keyboard.type("un");
  expect(await box.inputValue()).toBe("unreach");
  await page.waitForURL(/q=unreach/);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await expect.poll(() => box.inputValue()).toBe("");
});

inBrowser("a question that somebody answers on a run's page stays when the run asks another", async () => {
  const runId = await start(on.client, "twice" as "asking");
  await until(on.client, runId, "WAITING_APPROVAL");
  const page = await on.open(`/runs/${runId}`);
  const comment = page.getByLabel("Comment");
  await comment.fill("half an ans");
  await on.client.signalRun({ params: { runId }, body: { name: "go" } });
  await page.getByRole("treeitem", { name: /approval two/ }).waitFor();
  await page.keyboard.type("wer");
  expect(await comment.inputValue()).toBe("half an answer");
  await page.getByRole("button", { name: "Approve", exact: true }).click();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("heading", { name: "The second?" }).waitFor();
});

inBrowser("who reads on while their decision is on its way is not led away from what they read", async () => {
  const runs = [
    await start(on.client, "asking"),
    await start(on.client, "asking"),
    await start(on.client, "asking"),
  ];
  for (const runId of runs) await until(on.client, runId, "WAITING_APPROVAL");
  const { items } = await on.client.listApprovals({ query: { mine: true } });
  const [first = "", , last = ""] = items
    .filter(({ runId }) => runs.includes(runId))
    .sort((a, b) => a.requestedAt.localeCompare(b.requestedAt))
    .map(({ approvalId }) => approvalId);
  const page = await on.open(`/approvals?approval=${first}`);
  const answered = Promise.withResolvers<void>();
  await page.route(/\/approve$/, async (route) => {
    await answered.promise;
    await route.continue();
  });
  await page.getByRole("button", { name: "Approve", exact: true }).click();
  await page.keyboard.press("Control+Enter");
  await page.getByRole("button", { name: "Deciding…" }).waitFor();
  await page.locator(`a[href*="${last}"]`).click();
  await page.getByRole("button", { name: "Approve", exact: true }).waitFor();
  await page.getByLabel("Comment").fill("on the last one");
  answered.resolve();
  await page.getByText(/^Approved: /).waitFor();
  await page.locator(`a[href*="${first}"]`).waitFor({ state: "detached" });
  expect(await page.getByLabel("Comment").inputValue()).toBe("on the last one");
});

inBrowser("a trigger is made of a workflow that is seen to be chosen", async () => {
  const page = await on.open("/settings/schedules");
  for (const [tab, one] of [
    ["Schedules", "schedule"],
    ["Webhooks", "webhook"],
  ]) {
    await page.getByRole("tab", { name: tab ?? "" }).click();
    await page.getByRole("button", { name: `New ${one}…` }).click();
    const form = page.getByRole("dialog", { name: `New ${one}` });
    await form.getByLabel("Name").fill("moved");
    await form.getByLabel("Environment").selectOption("stories");
    await form.getByLabel("Workflow").selectOption("rolled");
    const make = form.getByRole("button", { name: `Make ${one}` });
    expect(await make.getAttribute("aria-disabled")).toBeNull();
    await form.getByLabel("Environment").selectOption("default");
    await expect.poll(() => make.getAttribute("aria-disabled")).toBe("true");
    await form.getByRole("button", { name: "Close" }).click();
  }
});

inBrowser("a click beside a dialog in which somebody has written takes nothing from them", async () => {
  const page = await on.open(`/workflows/formed?${where}`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Run formed" });
  await dialog.getByLabel("Service").fill("checkout");
  await page.mouse.click(20, 450);
  expect(await dialog.getByLabel("Service").inputValue()).toBe("checkout");
  await dialog.getByLabel("Service").fill("");
  await page.mouse.click(20, 450);
  await dialog.waitFor({ state: "detached" });
});

inBrowser("a secret that is shown once is not lost by a click beside it", async () => {
  const page = await on.open("/settings/access");
  await page.getByRole("button", { name: "New key…" }).first().click();
  await page.getByRole("dialog", { name: "New API key" }).getByLabel("Name").fill("shown");
  await page.getByRole("button", { name: "Make key" }).click();
  const shown = page.getByRole("dialog", { name: "The key shown" });
  await shown.getByText(/^stn_default_shown_/).waitFor();
  await page.mouse.click(20, 450);
  await shown.getByText(/^stn_default_shown_/).waitFor();
  await shown.getByRole("button", { name: "I have kept it" }).click();
});

inBrowser("a key that is held does once what it does", async () => {
  const runId = await start(on.client, "asking");
  await until(on.client, runId, "WAITING_APPROVAL");
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.keyboard.down("p");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  for (let again = 0; again < 5; again++) await page.keyboard.down("p");
  await page.keyboard.up("p");
  await page.getByText("Paused by user:local").waitFor();
  await page.keyboard.press("p");
  await page.getByRole("button", { name: "Pause" }).waitFor();
  const { items } = await on.client.listEvents({ params: { runId }, query: { limit: 200 } });
  expect(items.filter(({ type }) => /^run\.(paused|resumed)$/.test(type))).toHaveLength(2);
});

inBrowser("whose editor comes while they type goes on where they were", async () => {
  const page = await on.open("/runs");
  const devtools = await page.context().newCDPSession(page);
  // Slow enough that it is drawn more than once before the first key.
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 6 });
  const [editor, language] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await page.route(/assets\/text-editor.*\.js$/, async (route) => {
    await editor.promise;
    await route.continue();
  });
  await page.route(/schemas\/workflow\.json$/, async (route) => {
    await language.promise;
    await route.continue();
  });
  await page.goto(`${on.deployment.url}/new-workflow?${where}`);
  await page.getByRole("textbox", { name: "Definition (YAML)" }).fill("# on");
  await page.keyboard.press("End");
  editor.resolve();
  const text = page.locator(".cm-content");
  await text.waitFor();
  await page.keyboard.type("ce mo");
  const answered = page.waitForResponse(/schemas\/workflow\.json$/);
  language.resolve();
  await answered;
  await page.waitForTimeout(300); // the language is there, whether or not anything is seen of it
  await page.keyboard.type("re");
  expect(await text.textContent()).toBe("# once more");
});

inBrowser("what is chosen and asked for is of the environment that the page is about", async () => {
  const page = await on.open(`/runs?${where}`);
  const filter = page.getByLabel("Workflow", { exact: true });
  await expect.poll(() => filter.getByRole("option").allTextContents()).toContain("formed");
  expect(await filter.getByRole("option").allTextContents()).not.toContain("incident-triage");
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog", { name: "Start a run" });
  const choice = dialog.getByLabel("Workflow");
  await expect.poll(() => choice.getByRole("option").count()).toBeGreaterThan(1);
  const offered = await choice.getByRole("option").allTextContents();
  expect(offered.filter((one) => /formed|incident/.test(one))).toEqual([expect.stringMatching(/\(formed\)/)]);
});
