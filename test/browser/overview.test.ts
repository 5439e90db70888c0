import { expect } from "vitest";
import { faultsAtBothWidths, faultsOf } from "./support/looks.ts";
import { shot } from "./support/shot.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();

inBrowser("who may see nothing is told so, and not that nothing has run", async () => {
  const page = await on.open("/settings");
  const me = { id: "user:new", kind: "user", name: "New", teams: [], access: [] };
  await page.route(/\/api\/v1\/me$/, (route) => route.fulfill({ json: me }));
  for (const path of ["/", "/runs", "/approvals?show=open"]) {
    await page.goto(on.deployment.url + path);
    await page.getByText(/user:new may not see workflows and runs/).waitFor();
  }
});

inBrowser(
  "a new installation says what comes next, and turns into the overview with the first run",
  async () => {
    const page = await on.open("/");
    await page.getByRole("heading", { name: "Nothing has run yet" }).waitFor();
    const step = (title: string) => page.getByRole("listitem").filter({ hasText: title });
    await step("Write a workflow").getByText("Done").waitFor();
    await step("Run it").getByText("To do").waitFor();
    expect(await faultsOf(page, "first steps")).toEqual([]);
    await shot(page, "first-steps-1440-light");
    await step("Run it").getByRole("button", { name: "Start a run" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await publish(on.client, "failing", "asking", "signalled", "rolled");
    await start(on.client, "failing");
    await page.getByRole("region", { name: "Lately" }).waitFor();

    // What is left of the steps stays beside it, and each is ticked as it comes true.
    const left = page.getByRole("region", { name: "First steps" });
    const still = (title: string) => left.getByRole("listitem").filter({ hasText: title });
    await still("Run it").getByText("Done").waitFor();
    await still("Approve something").getByText("To do").waitFor();
  },
);

inBrowser(
  "the overview says what waits for me, what fails in the same way, and why a run stands still",
  async () => {
    const asking = await start(on.client, "asking");
    const latest = await start(on.client, "failing");
    const waiting = await start(on.client, "signalled");
    const fine = await start(on.client, "rolled");
    await until(on.client, latest, "FAILED");
    await until(on.client, waiting, "WAITING_SIGNAL");
    await until(on.client, asking, "WAITING_APPROVAL");
    await until(on.client, fine, "COMPLETED");

    const page = await on.open("/");
    const part = (name: string) => page.getByRole("region", { name, exact: true });
    await part("Needs you")
      .getByRole("link", { name: /^Go on with/ })
      .waitFor();
    await part("Failing").getByRole("link", { name: "2 runs" }).waitFor();
    await expect.poll(() => part("Failing").getByRole("listitem").count()).toBe(1);
    await part("Happening")
      .getByRole("listitem")
      .filter({ hasText: "waiting for signal go at wait" })
      .waitFor();
    await part("Last 24 hours")
      .getByRole("link", { name: /Completed\s*1/ })
      .waitFor();
    await part("Health").getByText("1 alive").waitFor();
    await expect.poll(() => page.title()).toBe("◆ 1 waiting · Overview – Station");

    await on.client.signalRun({ params: { runId: waiting }, body: { name: "go" } });
    await until(on.client, waiting, "COMPLETED");
    await part("Last 24 hours")
      .getByRole("link", { name: /Completed\s*2/ })
      .waitFor();
    await part("Failing").getByRole("link", { name: "2 runs" }).click();
    await page.waitForURL(/\/runs\?status=failed&since=24h&workflow=failing/);
    await page
      .getByRole("row", { name: /failing/ })
      .nth(1)
      .waitFor();

    // A bar leads to the runs of its hour; the arrow keys go from one to the next.
    await page.goBack();
    const bars = part("Last 24 hours").getByRole("list", { name: /^Runs by hour/ });
    await bars.getByRole("link").first().focus();
    await page.keyboard.press("ArrowRight");
    const second = bars.getByRole("link").nth(1);
    await expect.poll(() => second.evaluate((bar) => bar.matches(":focus"))).toBe(true);
    await bars
      .getByRole("link", { name: /^\d failed, / })
      .last()
      .focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\?status=failed&from=/);
    const asked = new URL(page.url()).searchParams;
    const { createdAt } = await on.client.getRun({ params: { runId: latest } });
    expect([asked.get("from"), createdAt, asked.get("to")].sort()).toEqual([
      asked.get("from"),
      createdAt,
      asked.get("to"),
    ]);
    await page.locator(`[title="${latest}"]`).waitFor();
    await page.getByRole("button", { name: /\d\d:\d\d.*\d\d:\d\d/ }).click();
    await page.waitForURL(/\/runs\?status=failed$/);
  },
);

inBrowser("what could not be read is not said to be nothing", async () => {
  const page = await on.open("/runs", { expected: /status of 404/ });
  const body = JSON.stringify({ status: 404, code: "not-found", detail: "It is away", instance: "" });
  const gone = { status: 404, contentType: "application/problem+json", body };
  await page.route(/\/workflow-(approvals|runs)\?/, (route) => route.fulfill(gone));
  await page.goto(on.deployment.url);
  for (const name of ["Needs you", "Happening", "Lately"])
    await page.getByRole("region", { name, exact: true }).getByText("It is away").waitFor();
});

inBrowser("axe finds nothing in the overview, and nothing is cut off or covered", async () => {
  const page = await on.open("/");
  await page.getByRole("region", { name: "Health" }).waitFor();
  await page.getByRole("region", { name: "Lately" }).getByRole("listitem").first().waitFor();
  expect(await faultsAtBothWidths(page, "overview")).toEqual([]);
});

inBrowser(
  "what is left of the first steps is ticked as it comes true, until somebody dismisses it",
  async () => {
    const page = await on.open("/");
    const left = page.getByRole("region", { name: "First steps" });
    const step = (title: string) => left.getByRole("listitem").filter({ hasText: title });
    const approval = step("Approve something");
    await approval.getByText("To do").waitFor();
    const runId = await start(on.client, "asking");
    await until(on.client, runId, "WAITING_APPROVAL");
    await approval.getByRole("link", { name: /approvals? for you/ }).waitFor();
    expect(await faultsAtBothWidths(page, "what is left of the first steps")).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
    const { items } = await on.client.listRunApprovals({ params: { runId } });
    const approvalId = items[0]?.approvalId ?? "";
    await on.client.approve({ params: { approvalId }, body: {} });
    await approval.getByText("Done").waitFor();
    await step("Connect a model").getByText("To do").waitFor();
    await page.reload();
    await left.getByRole("button", { name: "Dismiss" }).click();
    await left.waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("region", { name: "Health" }).waitFor();
    expect(await left.count()).toBe(0);
  },
);
