import { beforeAll, expect } from "vitest";
import { faultsOf } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();

beforeAll(async () => {
  await publish(on.client, "failing", "asking");
});

const idIn = (url: string) => new URL(url).pathname.split("/").pop() ?? "";

inBrowser(
  "what failed is run again from where it failed: it is said what is taken over, and the new run says it too",
  async () => {
    const runId = await start(on.client, "failing");
    await until(on.client, runId, "FAILED");
    const page = await on.open(`/runs/${runId}`);
    await page.getByRole("button", { name: "Run again from try_it" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Run failing again" });
    await expect.poll(() => dialog.getByLabel("Begin at").inputValue()).toBe("try_it");
    await dialog.getByText("1 step is taken over").waitFor();
    const over = dialog.getByRole("region", { name: "Taken over" });
    await expect
      .poll(() => over.getByRole("listitem").allTextContents())
      .toEqual([expect.stringMatching(/prepare/)]);
    expect(await faultsOf(page, "run again")).toEqual([]);
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/rerun.png` });
    await dialog.getByRole("button", { name: "Start run" }).click();
    await page.waitForURL((url) => url.pathname.startsWith("/runs/run_") && idIn(url.href) !== runId);
    const again = idIn(page.url());
    await until(on.client, again, "FAILED");
    await page.getByRole("treeitem", { name: /prepare taken over/ }).click();
    await page.getByText(/: nothing was done here/).waitFor();
    expect(await on.client.getRun({ params: { runId: again } })).toMatchObject({
      rerunOf: { runId, from: "try_it" },
      context: { where: { region: "eu-1" } },
    });

    await page.keyboard.press("=");
    const comparison = page.getByRole("dialog", { name: "Compare with another run" });
    await expect.poll(() => comparison.getByLabel("With").inputValue()).toBe(runId);
    await comparison.getByText("taken over").waitFor();
    if (process.env["SHOTS"]) await page.screenshot({ path: `${process.env["SHOTS"]}/compare.png` });
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: /…/ }).first().click();
    await page.waitForURL((url) => idIn(url.href) === runId);
  },
);

inBrowser("behind an approval nobody can begin, and the dialog says so", async () => {
  const runId = await start(on.client, "asking");
  await until(on.client, runId, "WAITING_APPROVAL");
  const { items } = await on.client.listRunApprovals({ params: { runId }, query: {} });
  await on.client.approve({ params: { approvalId: items[0]?.approvalId ?? "" }, body: {} });
  await until(on.client, runId, "COMPLETED");
  const page = await on.open(`/runs/${runId}`);
  await page.getByRole("treeitem", { name: /done/ }).click();
  await page.getByRole("heading", { name: "done" }).waitFor();
  expect(await page.getByRole("button", { name: "Run again from done" }).count()).toBe(0);
  await page.keyboard.press("R");
  const choice = page.getByRole("dialog").getByLabel("Begin at");
  await choice.waitFor();
  const offered = choice.locator("option:not([disabled])");
  await expect
    .poll(() => offered.evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value)))
    .toEqual(["", "look", "ask"]);
  await choice.selectOption("ask");
  await page.getByText("1 step is taken over").waitFor();
  await page.getByRole("button", { name: "Start run" }).click();
  await page.waitForURL((url) => url.pathname.startsWith("/runs/run_") && idIn(url.href) !== runId);
  await page.getByRole("treeitem", { name: /look taken over/ }).click();
  await page.getByText(/: nothing was done here/).waitFor();
  // What its agent did is in the other run.
  expect(await page.getByRole("tab", { name: "Agent" }).count()).toBe(0);
});
