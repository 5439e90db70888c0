import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect } from "vitest";
import { faultsAtBothWidths, faultsOf } from "./support/looks.ts";
import { shot } from "./support/shot.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();
const where = "environment=stories";

beforeAll(async () => {
  await publish(on.client, "asking", "formed");
});

inBrowser("who needs a workflow finds it, fills in its form and is taken to the run that began", async () => {
  const page = await on.open(`/workflows?${where}`);
  await page.getByRole("row", { name: /Asks for its input formed/ }).waitFor();
  await page.getByRole("searchbox").fill("form");
  await page.getByRole("row", { name: /asking/ }).waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.get("q")).toBe("form");
  await page.getByRole("button", { name: "Run formed" }).click();
  const dialog = page.getByRole("dialog", { name: "Run formed" });
  await dialog.getByLabel("Service").fill("checkout");
  await dialog.getByLabel("severity").selectOption("high");
  await expect.poll(() => dialog.getByLabel("replicas").inputValue()).toBe("2");
  for (const host of ["web-1", "web-2"]) {
    await dialog.getByRole("button", { name: "Add to hosts" }).click();
    await dialog.getByLabel("Value").last().fill(host);
  }
  expect(await faultsOf(page, "rows of a list")).toEqual([]);
  await dialog.getByRole("button", { name: "Remove hosts 1" }).click();
  await expect.poll(() => dialog.getByLabel("Value").inputValue()).toBe("web-2");
  await dialog.getByRole("button", { name: "JSON" }).click();
  const editor = dialog.locator('.cm-content[aria-label="Input (JSON)"]');
  await editor.getByText('"cpu"').waitFor();
  expect(JSON.parse((await editor.textContent()) ?? "")).toEqual({
    service: "checkout",
    severity: "high",
    replicas: 2,
    limits: { cpu: 0.5 },
    hosts: ["web-2"],
  });
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/runs\/run_/);
  const runId = new URL(page.url()).pathname.split("/").pop() ?? "";
  const run = await on.client.getRun({ params: { runId } });
  expect(run.input).toEqual({
    service: "checkout",
    severity: "high",
    replicas: 2,
    limits: { cpu: 0.5 },
    hosts: ["web-2"],
  });
});

inBrowser(
  "an input that the workflow does not take is marked where it is wrong, and starts nothing",
  async () => {
    const page = await on.open(`/workflows/formed?${where}`, { expected: /status of 400/ });
    await page.getByRole("heading", { name: "Asks for its input" }).waitFor();
    await page.keyboard.press("r");
    const dialog = page.getByRole("dialog", { name: "Run formed" });
    const note = async (label: string | RegExp) => {
      const id = await dialog.getByLabel(label).getAttribute("aria-describedby");
      return dialog.locator(`[id="${id}"]`).textContent();
    };
    await dialog.getByLabel("replicas").fill("many");
    await page.keyboard.press("Control+Enter");
    await dialog.getByText("“many” is not a number").waitFor();
    await dialog.getByLabel("replicas").fill("99");
    await page.keyboard.press("Control+Enter");
    await dialog.getByText("Nothing was started").waitFor();
    expect(await note("Service")).toBe('"service" is missing');
    expect(await note("replicas")).toMatch(/9/);
    await expect.poll(() => dialog.getByLabel("replicas").getAttribute("aria-invalid")).toBe("true");
    const { items } = await on.client.listRuns({ query: { workflowId: "formed", q: "nobody" } });
    expect(items).toEqual([]);
  },
);

inBrowser("one of few choices is made by its keys with all of them in sight", async () => {
  await publish(on.client, "chosen");
  const page = await on.open(`/workflows/chosen?${where}`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Run chosen" });
  const level = dialog.getByRole("group", { name: "Level" });
  await level.getByRole("radio", { name: "low" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => level.getByRole("radio", { name: "high" }).isChecked()).toBe(true);
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => level.getByRole("radio", { name: "3" }).isChecked()).toBe(true);
  expect(await dialog.getByRole("group", { name: "zone" }).getByLabel("b").isChecked()).toBe(true);
  await dialog.getByRole("combobox", { name: "wave" }).selectOption("5");
  expect(await faultsAtBothWidths(page, "choices in sight")).toEqual([]);
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/runs\/run_/);
  const runId = new URL(page.url()).pathname.split("/").pop() ?? "";
  const { input } = await on.client.getRun({ params: { runId } });
  expect(input).toEqual({ level: 3, zone: "b", wave: 5 });
});

inBrowser(
  "who writes an input as JSON is offered its names and values, and told where it is none",
  async () => {
    const page = await on.open(`/workflows/formed?${where}`);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Run formed" });
    await dialog.getByRole("button", { name: "JSON" }).click();
    const editor = dialog.locator('.cm-content[aria-label="Input (JSON)"]');
    await editor.fill("{ ");
    await page.keyboard.type('"sev');
    const offered = page.getByRole("option");
    await offered.filter({ hasText: '"severity"' }).waitFor();
    expect(await faultsOf(page, "completion")).toEqual([]);
    await shot(page, "completion");
    // Escape closes what is offered, and not the dialog with all that was typed.
    await page.keyboard.press("Escape");
    await offered.first().waitFor({ state: "detached" });
    await page.keyboard.press("Control+Space");
    // Not by Enter: a list that came a moment before does not take it, lest it be meant for the text.
    await offered.filter({ hasText: '"severity"' }).click();
    await editor.getByText('"severity": ').waitFor();
    await page.keyboard.press("Control+Space");
    await offered.filter({ hasText: '"high"' }).waitFor();
    await dialog.getByText(/^This is not JSON/).waitFor();
  },
);

inBrowser(
  "a dry run tells the path a run would take, starts nothing, and is forgotten when the input changes",
  async () => {
    const page = await on.open("/workflows/incident-triage", { expected: /status of 400/ });
    await page.getByRole("button", { name: "Run", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Run incident-triage" });
    await dialog.getByRole("button", { name: "Dry run" }).click();
    await dialog.getByText('"namespace" is missing').waitFor();
    await dialog.getByLabel("namespace").fill("production");
    await dialog.getByLabel("service").fill("checkout");
    const before = await on.client.countRuns();
    await dialog.getByRole("button", { name: "Dry run" }).click();
    const path = dialog.getByRole("region", { name: "The path of a dry run" });
    const steps = path.getByRole("listitem");
    await steps.filter({ hasText: "check_pods" }).filter({ hasText: "asks agent k8s-pod-checker" }).waitFor();
    await steps
      .filter({ hasText: /^decide/ })
      .getByText("depends on answers")
      .waitFor();
    await path.getByText(/^It ends/).waitFor();
    expect(await faultsAtBothWidths(page, "dry run")).toEqual([]);
    expect(await on.client.countRuns()).toEqual(before);
    await dialog.getByLabel("service").fill("search");
    await path.waitFor({ state: "detached" });
  },
);

inBrowser(
  "an input written as JSON is marked where the schema does not take it, and its keys say what they mean",
  async () => {
    const page = await on.open(`/workflows/formed?${where}`, { expected: /status of 400/ });
    await page.getByRole("button", { name: "Run", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Run formed" });
    await dialog.getByRole("button", { name: "JSON" }).click();
    const editor = dialog.locator('.cm-content[aria-label="Input (JSON)"]');
    const marked = dialog.locator(".cm-lintRange");
    await editor.fill('{\n  "service": 3,\n  "severity": "hihg",\n  "replicsa": 2\n}');
    await expect.poll(() => marked.allTextContents()).toEqual(["3", '"hihg"', '"replicsa"']);
    await marked.filter({ hasText: "hihg" }).hover();
    await page.getByText('This is none of "low", "high": did you mean "high"?').waitFor();
    expect(await faultsOf(page, "marks in JSON")).toEqual([]);
    await editor.getByText('"service"').hover();
    await page.getByText("string – Service: What is looked at").waitFor();
    // What only the server finds is marked at its place too.
    await editor.fill('{ "service": "checkout", "replicas": 99 }');
    await expect.poll(() => marked.count()).toBe(0);
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => marked.allTextContents()).toEqual(["99"]);
    // With Shift it starts and stays, and the next start is another run.
    await editor.fill('{ "service": "checkout", "replicas": 3 }');
    await page.keyboard.press("Control+Shift+Enter");
    await page.getByText(/^Started run_/).waitFor();
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/\/runs\/run_/);
    const { items } = await on.client.listRuns({ query: { workflowId: "formed", environment: "stories" } });
    const [second, first] = await Promise.all(
      items.slice(0, 2).map(({ runId }) => on.client.getRun({ params: { runId } })),
    );
    expect([first?.input, second?.input]).toEqual([
      { service: "checkout", replicas: 3 },
      { service: "checkout", replicas: 3 },
    ]);
  },
);

inBrowser(
  "a workflow is written, told at its lines what is wrong with it, and runs as it stands",
  async () => {
    const page = await on.open(`/workflows?${where}`, { expected: /status of 409/ });
    await page.getByRole("button", { name: "New workflow" }).click();
    await page.waitForURL(`**/new-workflow?${where}`);
    const editor = page.locator(".cm-content");
    const create = page.getByRole("button", { name: /^Create workflow/ });
    await page.getByText("Nothing is wrong with it.").waitFor();
    expect(await faultsAtBothWidths(page, "new workflow")).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });

    // The language, the states and the agents are offered by place; a choice goes into the text.
    await editor.fill(
      "id: a\nstart: first\nstates:\n  - name: first\n    type: operation\n    action: agent.run\n    ",
    );
    await page.keyboard.type("ag");
    const offered = page.getByRole("option");
    await offered.filter({ hasText: "agent" }).first().waitFor();
    expect(await faultsOf(page, "completion of a workflow")).toEqual([]);
    await offered
      .filter({ hasText: /^agent/ })
      .first()
      .click();
    await editor.getByText("agent: ").waitFor();
    await page.keyboard.press("Control+Space");
    await offered.filter({ hasText: "echo" }).click();
    await page.keyboard.type("\nnext: fi");
    await offered.filter({ hasText: "first" }).click();
    await editor.getByText("next: first").waitFor();

    const text = (next: string) =>
      `id: written\nname: Written\nversion: "1"\nstart: a\nstates:\n  - { name: a, type: inject, data: {}, ${next} }\n`;
    await editor.fill(text("next: nowhere"));
    const findings = page.getByRole("list", { name: "Findings" });
    await findings
      .getByText(/"nowhere"/)
      .first()
      .waitFor();
    await findings.getByText("line 6").first().waitFor();
    await page.locator(".cm-lint-marker-error").waitFor();
    await shot(page, "new-workflow-wrong");
    expect(await faultsOf(page, "a wrong workflow")).toEqual([]);
    await expect.poll(() => create.getAttribute("aria-disabled")).toBe("true");
    // What was typed survives the tab.
    await page.reload();
    await editor.getByText("nowhere").waitFor();
    await editor.fill(text("end: true"));
    await page.getByText("Nothing is wrong with it.").waitFor();
    await create.click();
    await page.waitForURL(`**/workflows/written?${where}`);
    const made = await on.client.getWorkflow({
      params: { id: "written" },
      query: { environment: "stories" },
    });
    expect(made.source).toBe(text("end: true"));

    // Of the same id there is only one.
    await page.goto(`${on.deployment.url}/new-workflow?${where}`);
    await editor.fill(text("end: true"));
    await page.getByText("Nothing is wrong with it.").waitFor();
    await create.click();
    await page.getByText("It was not created").waitFor();
  },
);

inBrowser("what a workflow does is seen as a graph, state by state, and leads to its text", async () => {
  const { runId } = await on.client.startRun({
    body: { workflowId: "incident-triage", input: { namespace: "production", service: "checkout" } },
  });
  await until(on.client, runId, "WAITING_APPROVAL");
  const page = await on.open("/workflows/incident-triage");
  const flow = page.getByRole("region", { name: "Flow" });
  await flow.locator('[data-layouts="1"]').waitFor();
  await flow.getByLabel("request_approval, operation", { exact: true }).click();
  const state = flow.getByRole("region", { name: "State request_approval" });
  await state.getByText("May decide").waitFor();
  expect(new URL(page.url()).searchParams.get("state")).toBe("request_approval");
  const stats = page.getByRole("region", { name: "Last 30 days" });
  await stats.getByRole("img", { name: "Runs per day: on 1 day of 30, 0 failed" }).waitFor();
  // It waits for its approval: the states before it are counted, and each way of its switch has its share.
  const states = page.getByRole("region", { name: "States", exact: true });
  await states.getByRole("row", { name: /^check_errors 1 – – / }).waitFor();
  await states.getByText("Of the last 1 run.").waitFor();
  await stats.getByText(/^Slowest step: /).waitFor();
  await flow.getByText(/^100 % · /).waitFor();
  const uses = page.getByRole("region", { name: "Uses" });
  await uses.getByRole("link", { name: "k8s-pod-checker" }).waitFor();
  await shot(page, "flow");
  expect(await faultsOf(page, "the flow")).toEqual([]);
  // What a state is given and does is said on hover, with what its agent takes and answers.
  await flow.getByLabel("check_errors, operation", { exact: true }).hover();
  const tip = page.getByRole("tooltip");
  await tip.getByText("Answers").waitFor();
  await tip
    .getByText(/error_rate/)
    .first()
    .waitFor();
  expect(await faultsOf(page, "a state on hover")).toEqual([]);
  await page.keyboard.press("Escape");
  await state.getByRole("link", { name: /^line \d+/ }).click();
  await page.locator("[data-here]", { hasText: "name: request_approval" }).waitFor();
  await page.reload();
  await page.locator("[data-here]", { hasText: "name: request_approval" }).waitFor();
  await page.getByRole("tab", { name: "Overview" }).click();
  await flow.getByLabel("check_errors, operation", { exact: true }).dblclick();
  await page.locator("[data-here]", { hasText: "name: check_errors" }).waitFor();

  // The workflow of the same name elsewhere is another one.
  await page.goto(`${on.deployment.url}/workflows/incident-triage?tab=runs`);
  await page.getByRole("row", { name: /Needs approval/ }).waitFor();
  await page.goto(`${on.deployment.url}/workflows/incident-triage?environment=calm&tab=runs`);
  await page.getByRole("heading", { name: "It never ran" }).waitFor();
});

inBrowser("who reads a definition goes from state to state by its outline and its graph", async () => {
  const page = await on.open("/workflows/incident-triage?tab=definition");
  const outline = page.getByRole("navigation", { name: "States" });
  await outline.getByRole("link", { name: /^request_approval/ }).click();
  await page.locator("[data-here]", { hasText: "name: request_approval" }).waitFor();
  const node = (name: string) => page.locator(".react-flow__node", { hasText: name });
  await node("request_approval").locator("[data-selected]").waitFor();
  await page.getByLabel("check_errors, operation", { exact: true }).click();
  await outline.locator("[aria-current]", { hasText: "check_errors" }).waitFor();
  await page.locator("[data-here]", { hasText: "name: check_errors" }).waitFor();
  await page.getByRole("button", { name: "JSON" }).click();
  const here = page.locator("[data-here]", { hasText: '"name": "check_errors"' });
  await here.waitFor();
  const isInSight = (line: Element) => {
    const { top, bottom } = line.getBoundingClientRect();
    return top > 0 && bottom < innerHeight;
  };
  await expect.poll(() => here.evaluate(isInSight)).toBe(true);
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect((await saved).suggestedFilename()).toBe("incident-triage.workflow.json");
  expect(await faultsAtBothWidths(page, "a definition as JSON")).toEqual([]);
});

inBrowser("a line that something is the matter with has a sign that says what, and what to do", async () => {
  await on.client.createWorkflow({
    body: {
      environment: "stories",
      definition: `id: warned\nname: Warned\nversion: "1"\nstart: a\nstates:\n  - { name: a, type: inject, data: {}, end: true }\n  - { name: lost, type: inject, data: {}, end: true }\n`,
    },
  });
  const page = await on.open(`/workflows/warned?${where}&tab=definition`);
  const sign = page.getByRole("link", { name: /^Line 7, warning: .*"lost"/ });
  await sign.hover();
  await page
    .getByRole("tooltip")
    .getByText(/"lost"/)
    .waitFor();
  expect(await faultsAtBothWidths(page, "a definition with a warning")).toEqual([]);
});

inBrowser("what starts a workflow by itself is beside it, with agents that nobody has written", async () => {
  await publish(on.client, "failing");
  await on.client.createSchedule({
    body: { name: "nightly", environment: "stories", workflowId: "failing", cron: "30 2 * * *" },
  });
  await rm(join(on.deployment.directory, "environments/stories/agents/flaky.prompt"));
  const page = await on.open(`/workflows/failing?${where}`);
  const uses = page.getByRole("region", { name: "Uses" });
  await uses.getByText("1 missing").waitFor();
  expect(await faultsAtBothWidths(page, "what a workflow uses")).toEqual([]);
  await uses.getByRole("link", { name: "nightly" }).click();
  await page.getByRole("region", { name: "What came of nightly" }).waitFor();
});

inBrowser("the example of an input starts a run as it stands", async () => {
  const page = await on.open(`/workflows/formed?${where}`);
  await page.getByText("Example", { exact: true }).click();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "As TypeScript" }).click();
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toMatch(/^const response = await fetch\("http.*"workflowId": "formed"/s);
  await page.getByRole("button", { name: "Run with this" }).click();
  const dialog = page.getByRole("dialog", { name: "Run formed" });
  await expect.poll(() => dialog.getByLabel("Service").inputValue()).toBe("a service");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/runs\/run_/);
});

inBrowser(
  "a workflow's text is saved from the list, found by how it stands to its file, and seen as it is run",
  async () => {
    const page = await on.open(`/workflows?${where}`);
    await page.getByRole("button", { name: "More for formed" }).click();
    const saved = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "Export definition" }).click();
    expect((await saved).suggestedFilename()).toBe("formed.workflow.yaml");
    await page.getByLabel("Sync", { exact: true }).selectOption("file-missing");
    await page.getByText("No workflow is here with the mark “File missing”.").waitFor();
    expect(new URL(page.url()).searchParams.get("sync")).toBe("file-missing");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByRole("row", { name: /formed/ }).waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("e");
    await page.getByText(/has no file: it is changed through the API/).waitFor();
    await page.goto(`${on.deployment.url}/workflows/formed?${where}&tab=definition`);
    await page.getByText("# What it takes is said here").waitFor();
    await page.getByRole("button", { name: "JSON" }).click();
    await page.getByText('"inputSchema": {').waitFor();
  },
);

inBrowser("each bar of a workflow's last runs leads to its run, by its keys too", async () => {
  const [earlier, latest] = [await done("a"), await done("b")];
  const page = await on.open(`/workflows?${where}`);
  const row = page.getByRole("row", { name: /formed/ });
  const bars = row.getByRole("list", { name: /^Last \d+ runs: / });
  const barOf = (runId: string) =>
    bars.getByRole("link", { name: new RegExp(`^Completed after .*${runId.slice(-6)}$`) });
  expect(await row.getByRole("link").first().textContent()).toBe("Asks for its input");
  await barOf(latest).focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/runs/${earlier}`);
  await page.goBack();
  await barOf(latest).click();
  await page.waitForURL(`**/runs/${latest}`);

  async function done(service: string): Promise<string> {
    const runId = await start(on.client, "formed", { service });
    await until(on.client, runId, "COMPLETED");
    return runId;
  }
});

inBrowser(
  "who finds a file newer than its workflow is told what a sync does, and does it there",
  async () => {
    const { source, environment } = await on.client.getWorkflow({ params: { id: "incident-triage" } });
    await on.client.updateWorkflow({
      params: { id: "incident-triage" },
      body: { environment, definition: source.replace(/^name: .*$/m, "name: Another") },
    });
    const page = await on.open("/workflows?sync=file-newer");
    await page.getByRole("row", { name: /Another/ }).waitFor();
    await page.getByRole("button", { name: "More for incident-triage" }).click();
    const show = page.getByRole("menuitem", {
      name: `Sync now… Shows first what the files of ${environment} change`,
    });
    await show.waitFor();
    expect(await faultsOf(page, "the way to a sync")).toEqual([]);
    await show.click();
    const dialog = page.getByRole("dialog", { name: `Sync ${environment}?` });
    await dialog.locator("del", { hasText: "Another" }).waitFor();
    await dialog.getByText("No other file changes anything.").waitFor();
    await dialog.getByRole("button", { name: "Text" }).click();
    await dialog.getByRole("cell", { name: "− name: Another" }).waitFor();
    expect(await faultsAtBothWidths(page, "what a sync does")).toEqual([]);
    await dialog.getByRole("button", { name: "Close" }).click();

    // The same from the workflow's own page. What changes while it is looked at is shown before it is done.
    await page.goto(`${on.deployment.url}/workflows/incident-triage`);
    const line = page.getByRole("region", { name: "Its file" });
    await line.getByText(/says something else than v2/).waitFor();
    expect(await faultsAtBothWidths(page, "a file that is newer")).toEqual([]);
    await line.getByRole("button", { name: "Show what it changes…" }).click();
    await dialog.locator("del", { hasText: "Another" }).waitFor();
    await dialog.getByText("No other file changes anything.").waitFor();
    const fresh = join(on.deployment.directory, "environments", environment, "workflows/late.workflow.yaml");
    await writeFile(
      fresh,
      'id: late\nversion: "1"\nstates:\n  - { name: a, type: inject, data: {}, end: true }\n',
    );
    await dialog.getByRole("button", { name: "Sync now" }).click();
    await dialog.getByRole("row", { name: /late\.workflow\.yaml late creates it/ }).waitFor();
    await dialog.getByRole("button", { name: "Sync now" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText(`${environment}: 2 workflows changed`).waitFor();
    await line.waitFor({ state: "detached" });
    const { source: again } = await on.client.getWorkflow({ params: { id: "incident-triage" } });
    expect(again).toBe(source);
    await rm(fresh);
    await on.client.sync({ body: { environment } });
    await page.goto(`${on.deployment.url}/workflows/late`);
    await line.getByText("is gone: it is disabled until the file is back.").waitFor();
    expect(await faultsAtBothWidths(page, "a file that is gone")).toEqual([]);
    await on.client.deleteWorkflow({ params: { id: "late" } });
  },
);

inBrowser(
  "files that are not taken are named with place and reason, and a workflow of such a file is not called valid",
  async () => {
    const folder = join(on.deployment.directory, "environments/default/workflows");
    const { source, origin } = await on.client.getWorkflow({ params: { id: "incident-triage" } });
    const file = join(folder, "..", origin);
    const broken = source.replace("next: decide", "next: decied");
    const line = broken.slice(0, broken.indexOf("decied")).split("\n").length;
    await writeFile(file, broken);
    await writeFile(join(folder, "typo.workflow.yaml"), "id: typo\nversion: [\n");
    try {
      const page = await on.open("/workflows");
      const untaken = page.getByRole("region", { name: "Files that are not taken" });
      await untaken.getByRole("heading", { name: "2 files are not taken" }).waitFor();
      const item = (name: string) => untaken.getByRole("listitem").filter({ hasText: name });
      await item("workflows/typo.workflow.yaml")
        .getByText(/line \d+, column \d+: /)
        .waitFor();
      await item(origin)
        .getByText(new RegExp(`line ${line}, column \\d+: .*"decied"`))
        .waitFor();
      await page
        .getByRole("row", { name: /incident-triage/ })
        .getByRole("link", { name: "File is invalid" })
        .hover();
      await page
        .getByRole("tooltip")
        .getByText(new RegExp(`line ${line}, .*"decied"`))
        .waitFor();
      await page.mouse.move(0, 0);
      await page.getByRole("tooltip").waitFor({ state: "detached" });
      expect(await faultsAtBothWidths(page, "files that are not taken")).toEqual([]);
      await page.setViewportSize({ width: 1440, height: 900 });

      await page.getByRole("link", { name: "File is invalid" }).click();
      const its = page.getByRole("region", { name: "Its file" });
      await its.getByText(new RegExp(`is not taken, and v\\d+ stays .* line ${line}, .*"decied"`)).waitFor();
      const findings = page.getByRole("region", { name: `What is wrong with ${origin}` });
      await findings.getByText(`line ${line}`).first().waitFor();
      await page.getByText(/^Nothing is wrong with the text of v\d+\.$/).waitFor();
      expect(await page.getByText("Valid", { exact: true }).count()).toBe(0);
      expect(await faultsAtBothWidths(page, "a file that is not taken")).toEqual([]);
      await writeFile(file, source);
      await rm(join(folder, "typo.workflow.yaml"));
      await page.goto(`${on.deployment.url}/workflows`);
      await page.getByRole("row", { name: /incident-triage/ }).waitFor();
      await untaken.waitFor({ state: "detached" });
    } finally {
      await writeFile(file, source);
      await rm(join(folder, "typo.workflow.yaml"), { force: true });
    }
  },
);

inBrowser("a disabled workflow says so, cannot be run, and is enabled where it was disabled", async () => {
  const page = await on.open(`/workflows?${where}`);
  await page.getByRole("button", { name: "More for asking" }).click();
  await page.getByRole("menuitem", { name: /Disable/ }).click();
  const row = page.getByRole("row", { name: /asking/ });
  await row.getByText("Disabled").waitFor();
  await expect
    .poll(() => page.getByRole("button", { name: "Run asking" }).getAttribute("aria-disabled"))
    .toBe("true");
  await page.getByRole("button", { name: "Disabled", exact: true }).click();
  await page.getByRole("row", { name: /formed/ }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "More for asking" }).click();
  await page.getByRole("menuitem", { name: /Enable/ }).click();
  await page.getByRole("heading", { name: "No such workflow" }).waitFor();
  const { status } = await on.client.getWorkflow({
    params: { id: "asking" },
    query: { environment: "stories" },
  });
  expect(status).toBe("active");
});

inBrowser(
  "who broke a workflow sees what changed, goes back, and the earlier text is the current one",
  async () => {
    await publish(on.client, "rolled");
    const { source } = await on.client.getWorkflow({
      params: { id: "rolled" },
      query: { environment: "stories" },
    });
    await on.client.updateWorkflow({
      params: { id: "rolled" },
      body: { environment: "stories", definition: source.replace("duration: 1s", "duration: 9s") },
    });
    const page = await on.open(`/workflows/rolled?${where}&tab=versions`);
    await page.getByRole("heading", { name: "v1 → v2" }).waitFor();
    const versions = page.getByRole("navigation", { name: "Versions" });
    await versions.getByRole("button", { name: /v2.*1.* → .*9/ }).waitFor();
    await page.locator("ins", { hasText: "9" }).waitFor();
    await page.getByRole("button", { name: "Text" }).click();
    await page.getByRole("cell", { name: /− .*duration: 1s/ }).waitFor();
    await page.getByRole("cell", { name: /\+ .*duration: 9s/ }).waitFor();
    expect(await faultsOf(page, "text diff")).toEqual([]);
    await shot(page, "diff");
    await page.getByRole("navigation", { name: "Versions" }).getByRole("button", { name: /v1/ }).click();
    await page.getByRole("button", { name: "Roll back to v1…" }).click();
    const dialog = page.getByRole("dialog", { name: "Roll rolled back to v1?" });
    await dialog.locator("del", { hasText: "9" }).waitFor();
    expect(await faultsOf(page, "rollback dialog")).toEqual([]);
    await shot(page, "rollback");
    await dialog.getByRole("button", { name: "Roll back to v1" }).click();
    await page
      .getByRole("navigation", { name: "Versions" })
      .getByRole("button", { name: /v3.*back to v1/ })
      .waitFor();
    const now = await on.client.getWorkflow({ params: { id: "rolled" }, query: { environment: "stories" } });
    expect([now.version, now.source]).toEqual([3, source]);
  },
);

inBrowser("a run is started with an earlier version, and with the input of an earlier run", async () => {
  await on.client.startRun({
    body: { workflowId: "rolled", environment: "stories", input: { why: "a test" } },
  });
  const page = await on.open(`/workflows/rolled?${where}`);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Run rolled" });
  await dialog.getByRole("button", { name: "Input of a run…" }).click();
  await page.getByRole("menuitem", { name: /^The last one/ }).click();
  const editor = dialog.locator(".cm-content");
  await editor.getByText('"a test"').waitFor();
  await dialog.getByLabel("Version").selectOption("2");
  await dialog.getByText("Version 2 in stories").waitFor();
  await editor.getByText('"a test"').waitFor();
  expect(await faultsOf(page, "an earlier version")).toEqual([]);
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/runs\/run_/);
  const runId = new URL(page.url()).pathname.split("/").pop() ?? "";
  expect(await on.client.getRun({ params: { runId } })).toMatchObject({
    workflowVersion: 2,
    input: { why: "a test" },
  });
});

for (const [what, path] of [
  ["list", `/workflows?${where}`],
  ["empty", `/workflows?${where}&q=nothing-like-it`],
  ["overview", `/workflows/formed?${where}`],
  ["definition", `/workflows/formed?${where}&tab=definition`],
  ["runs", `/workflows/formed?${where}&tab=runs`],
  ["versions", `/workflows/formed?${where}&tab=versions`],
  ["unknown", "/workflows/never-was"],
] as const)
  inBrowser(`axe finds nothing in workflows: ${what}, and nothing is cut off or covered`, async () => {
    const page = await on.open(path, { expected: /status of 404/ });
    await page.locator('[role="row"] a, h2, ol').first().waitFor();
    expect(await faultsAtBothWidths(page, `workflows ${what}`)).toEqual([]);
    if (what !== "overview") return;
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("dialog").getByLabel("Service").waitFor();
    expect(await faultsAtBothWidths(page, "start dialog")).toEqual([]);
  });
