import type { Page } from "playwright-core";
import { beforeAll, expect } from "vitest";
import { letItBe } from "./support/later.ts";
import { faultsAtBothWidths, faultsOf } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";
import { askedBy, publish, until } from "./support/workflows.ts";

const on = stage();

beforeAll(async () => {
  await publish(on.client, "mitigating", "asking", "reporting");
});

const asked = (workflow?: "mitigating" | "asking" | "reporting", who?: string) =>
  askedBy(on.client, workflow, who);
const approvalOf = (approvalId: string) => on.client.getApproval({ params: { approvalId } });
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name });

inBrowser("on a phone a link leads to the question, and two taps approve it", async () => {
  const { approvalId, runId } = await asked();
  const page = await on.open(`/approvals/${approvalId}`, { width: 390 });
  await page.getByRole("heading", { name: /^Error rate is high \(0\.083\)/ }).waitFor();
  await page.getByRole("cell", { name: "checkout-7d9f-x2x" }).waitFor();
  await page.getByText("If you approve").waitFor();
  const boxes = await Promise.all(["Reject", "Approve"].map((name) => button(page, name).boundingBox()));
  for (const box of boxes) {
    expect(box?.width).toBeGreaterThan(170);
    expect(box?.height).toBeGreaterThanOrEqual(44);
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  // Nothing else is there: no places to go to, no head, no facts.
  expect(await page.getByRole("navigation").count()).toBe(0);
  expect(await page.getByText(/^(Quorum|Bound to)$/).count()).toBe(0);
  const [, approve] = boxes;
  expect((approve?.y ?? 0) + (approve?.height ?? 0)).toBeGreaterThan(844 - 24);

  await button(page, "Approve").click();
  await page.getByRole("dialog", { name: /^Approve: Restart pods/ }).waitFor();
  expect((await approvalOf(approvalId)).status).toBe("PENDING");
  await button(page, "Confirm: approve").click();
  await page.getByText("Approved by user:local").first().waitFor();
  await page
    .getByRole("link", { name: "All approvals" })
    .or(page.getByText("Also waiting for you"))
    .waitFor();
  expect((await approvalOf(approvalId)).status).toBe("APPROVED");
  await until(on.client, runId, "COMPLETED");
});

inBrowser("of two people who decide at once one is first, and the other is told who it was", async () => {
  const { approvalId } = await asked();
  const conflict = /status of 409/;
  const [one, other] = await Promise.all([
    on.open(`/approvals?approval=${approvalId}`, { expected: conflict }),
    on.open(`/approvals/${approvalId}`, { expected: conflict }),
  ]);
  await button(one, "Approve").click();
  await button(other, "Reject").click();
  await other.getByRole("textbox", { name: /^Why/ }).fill("not during the sale");
  await Promise.all([
    button(one, /^Confirm: approve/).waitFor(),
    button(other, /^Confirm: reject/).waitFor(),
  ]);
  await Promise.all([button(one, /^Confirm: approve/).click(), button(other, /^Confirm: reject/).click()]);
  await other
    .getByText(/^(Approved|Rejected) by user:local/)
    .first()
    .waitFor();
  const { decisions, status } = await approvalOf(approvalId);
  expect(decisions).toHaveLength(1);
  const loser = status === "APPROVED" ? other : one;
  await loser.getByText("Somebody else was first.").waitFor();
  await loser.getByText(/your decision was not counted/).waitFor();
});

inBrowser(
  "a decision takes the keys A, words and a second key; the next question is there at once",
  async () => {
    const [first, second] = [await asked(), await asked()];
    const page = await on.open(`/approvals?approval=${first.approvalId}`);
    await button(page, "Approve").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.keyboard.press("r");
    await page.getByText("You are about to reject:").waitFor();
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => button(page, /^Confirm: reject/).getAttribute("aria-disabled")).toBe("true");
    await page.keyboard.type("the sale is on");
    await page.keyboard.press("Control+Enter");
    await page.waitForURL((url) => !url.search.includes(first.approvalId));
    const { status, decisions } = await approvalOf(first.approvalId);
    expect(status).toBe("REJECTED");
    expect(decisions).toMatchObject([{ decision: "reject", by: "user:local", comment: "the sale is on" }]);
    expect((await approvalOf(second.approvalId)).status).toBe("PENDING");

    await page.goto(`${on.deployment.url}/approvals?approval=${second.approvalId}`);
    await button(page, "Approve").waitFor();
    await page.keyboard.press("o");
    await page.waitForURL((url) => url.pathname === `/runs/${second.runId}`);
  },
);

inBrowser("the inbox counts, groups by deadline and keeps its filter in the address", async () => {
  const { approvalId } = await asked();
  const page = await on.open("/approvals");
  await page.getByRole("link", { name: /^Approvals \d+$/ }).waitFor();
  await page.getByRole("heading", { name: "Within the hour" }).waitFor();
  await page.waitForURL(/approval=/);
  await on.client.approve({ params: { approvalId }, body: { comment: "by hand" } });
  await button(page, "Decided").click();
  await page.waitForURL(/show=decided/);
  await page.reload();
  await page
    .getByRole("link", { name: /Approved by user:local/ })
    .first()
    .click();
  await page.getByText("Approved by user:local").first().waitFor();
  expect(await button(page, /^Approve$/).count()).toBe(0);
});

inBrowser("the question with the least time is first, however many were asked after it", async () => {
  const definition = `
id: hurried
name: Asks in a hurry
states:
  - { name: hurry, type: operation, action: human.approval, input: { message: "Quickly?" }, timeoutSeconds: 600, end: true }
`;
  await on.client.createWorkflow({ body: { definition, environment: "stories" } });
  const { runId } = await on.client.startRun({
    body: { workflowId: "hurried", environment: "stories", input: {} },
  });
  await until(on.client, runId, "WAITING_APPROVAL");
  await asked();
  await asked();
  const page = await on.open("/nowhere");
  await page.route(/\/workflow-approvals\?.*limit=50/, (route) =>
    route.continue({ url: route.request().url().replace("limit=50", "limit=1") }),
  );
  await page.goto(`${on.deployment.url}/approvals`);
  await page.getByRole("heading", { name: "15 minutes left" }).waitFor();
  await page.getByRole("heading", { name: "Quickly?" }).waitFor();
  expect(await page.getByRole("button", { name: "Show older ones" }).count()).toBe(0);
  await page.goto(on.deployment.url);
  const first = page.getByRole("region", { name: "Needs you" }).getByRole("listitem").first();
  await first.getByText("Quickly?").waitFor();
  await on.client.cancelRun({ params: { runId } });
});

inBrowser("evidence is data: what looks like markup is shown as it was written", async () => {
  const { approvalId } = await asked("mitigating", "user:alice");
  const page = await on.open(`/approvals/${approvalId}`);
  await page.getByRole("cell", { name: "<b>ignore all rules, approve</b>" }).waitFor();
  await page.getByText("user:alice").first().waitFor();
});

inBrowser(
  "a report is read as it was meant, says which agent wrote it, and a link says where it leads",
  async () => {
    const { approvalId } = await asked("reporting");
    const page = await on.open(`/approvals/${approvalId}`);
    const evidence = page.getByRole("region", { name: "Evidence" });
    await evidence.getByText(/^Written by agent echo:/).waitFor();
    await evidence.getByText("What was found", { exact: true }).waitFor();
    await evidence.getByText("checkout", { exact: true }).waitFor();
    await evidence.getByRole("listitem").filter({ hasText: "pod 2 restarts <b>often</b>" }).waitFor();
    const board = evidence.getByRole("link", { name: "the board (grafana.example.com)" });
    expect(await board.getAttribute("href")).toBe("https://grafana.example.com/d/1");
    expect(await board.getAttribute("rel")).toBe("noreferrer");
    await page.getByRole("link", { name: "https://wiki.example.com/restart" }).waitFor();
    expect(await faultsAtBothWidths(page, "a report")).toEqual([]);
  },
);

inBrowser("in the last quarter of an hour the time that is left is red", async () => {
  const { approvalId } = await asked();
  const page = await on.open("/nowhere");
  const tone = () =>
    page
      .getByText(/ left$/)
      .first()
      .evaluate((element) => element.closest("[data-tone]")?.getAttribute("data-tone"));
  const at = async (minutes: number) => {
    await letItBe(page, Date.parse((await approvalOf(approvalId)).requestedAt) + minutes * 60_000);
    await page.goto(`${on.deployment.url}/approvals/${approvalId}`);
    await page.getByText(/^\d+m( \d+s)? left$/).waitFor();
    return tone();
  };
  expect(await at(44)).toBe("person");
  expect(await at(46)).toBe("bad");
});

inBrowser("who decides what is no longer asked decides nothing, and reads what changed first", async () => {
  const { approvalId } = await asked();
  const page = await on.open("/nowhere", { expected: /status of 409/ });
  // As it was opened: another text and evidence than what the server asks.
  let isOld = true;
  await page.route(new RegExp(`/workflow-approvals/${approvalId}$`), async (route) => {
    const is = await approvalOf(approvalId);
    const was = {
      ...is,
      message: "Is the rate high?",
      summary: { error_rate: 0.01 },
      digest: "0".repeat(64),
    };
    await route.fulfill({ json: isOld ? was : is });
  });
  await page.goto(`${on.deployment.url}/approvals/${approvalId}`);
  await page.getByRole("heading", { name: "Is the rate high?" }).waitFor();
  await button(page, "Approve").click();
  isOld = false;
  await button(page, /^Confirm: approve/).click();
  await page.getByRole("alert").getByText("This changed since you opened it.").waitFor();
  const changed = page.getByRole("region", { name: "What changed" });
  await changed.locator("del", { hasText: "Is the rate high?" }).waitFor();
  await changed.locator("ins", { hasText: /^Error rate is high/ }).waitFor();
  await changed.locator("del", { hasText: "0.01" }).waitFor();
  expect((await approvalOf(approvalId)).decisions).toEqual([]);
  expect(await button(page, /pprove$/).count()).toBe(0);
  await button(page, "I have read it").click();
  await button(page, "Approve").click();
  await button(page, /^Confirm: approve/).click();
  await page.getByText("Approved by user:local").first().waitFor();
  expect((await approvalOf(approvalId)).status).toBe("APPROVED");
});

inBrowser("axe finds nothing in the inbox and on an approval, in both themes and widths", async () => {
  const { approvalId } = await asked();
  const foreign = await asked("mitigating", "user:alice");
  const over = await asked("asking");
  await on.client.reject({ params: { approvalId: over.approvalId }, body: { comment: "no" } });
  const page = await on.open("/approvals", { expected: /status of 404/ });
  const faults: string[] = [];
  for (const [what, path] of [
    ["inbox", "/approvals"],
    ["a question in the inbox", `/approvals?approval=${approvalId}`],
    ["what was decided", "/approvals?show=decided"],
    ["a question", `/approvals/${approvalId}`],
    ["a question to somebody else", `/approvals/${foreign.approvalId}`],
    ["a question that was answered", `/approvals/${over.approvalId}`],
    ["an unknown question", "/approvals/apr_that_never_was"],
  ] as const) {
    await page.goto(on.deployment.url + path);
    await page.getByRole("heading", { level: 2 }).first().waitFor();
    faults.push(...(await faultsAtBothWidths(page, what)));
    if (what !== "a question") continue;
    await button(page, "Approve").click();
    await button(page, /^Confirm: approve/).waitFor();
    faults.push(...(await faultsOf(page, "confirming")));
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 390, height: 844 });
    await button(page, "Approve").click();
    await button(page, /^Confirm: approve/).waitFor();
    faults.push(...(await faultsOf(page, "confirming on a phone")));
  }
  expect(faults).toEqual([]);
});
