import { rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect } from "vitest";
import { faultsAtBothWidths, faultsOf } from "./support/looks.ts";
import { shot } from "./support/shot.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();

beforeAll(async () => {
  await publish(on.client, "failing", "asking");
  await rm(join(on.deployment.directory, "environments/stories/agents/flaky.prompt"));
});

inBrowser(
  "who looks for an agent sees its model, that it is simulated, what it is told and who asks it",
  async () => {
    const page = await on.open("/agents");
    await page.getByRole("searchbox").fill("slo");
    await page.getByRole("row", { name: /slo-analyzer.*simulated/ }).click();
    await page.waitForURL("**/agents/slo-analyzer");
    const part = (name: string) => page.getByRole("region", { name, exact: true });
    await part("Prompt").locator("pre").waitFor();
    await part("Used by").getByRole("link", { name: "incident-triage" }).waitFor();
    await part("Answers").getByText("error_rate").first().waitFor();
    await page.getByText("simulated – no model is called").waitFor();
    await part("Used by").getByRole("link", { name: "incident-triage" }).click();
    await page.waitForURL("**/workflows/incident-triage");
  },
);

inBrowser("the newest runs that asked an agent are beside it, and lead to the step that did", async () => {
  const page = await on.open("/agents/echo?environment=stories");
  const recent = page.getByRole("region", { name: "Recent runs" });
  await recent.getByText("No run has asked it yet.").waitFor();
  const runId = await start(on.client, "asking");
  await until(on.client, runId, "WAITING_APPROVAL");
  const row = recent.getByRole("row", { name: /Needs approval.*asking v1.*look/ });
  await row.waitFor();
  expect(await faultsAtBothWidths(page, "recent runs of an agent")).toEqual([]);
  await row.getByRole("link").click();
  await page.waitForURL(`**/runs/${runId}?step=*`);
  await page.getByRole("heading", { name: "look" }).waitFor();
});

inBrowser("an agent that workflows ask for and nobody has written stands above all others", async () => {
  const page = await on.open("/agents");
  // The switch is the sidebar's: whatever list is open is shown of that environment, and so are the others then.
  await page.getByRole("navigation", { name: "Main" }).getByLabel("Environment").selectOption("stories");
  const missing = page.getByRole("region", { name: "Missing agents" });
  await missing.getByText("flaky is asked for by failing (try_it)").waitFor();
  expect(new URL(page.url()).searchParams.get("environment")).toBe("stories");
  expect(await faultsOf(page, "missing")).toEqual([]);
  await shot(page, "agents-missing-1440-light");
  await page.getByRole("link", { name: "Runs", exact: true }).click();
  await page.waitForURL("**/runs?environment=stories");
  await page.goBack();
  await missing.getByRole("link", { name: "failing" }).click();
  await page.waitForURL("**/workflows/failing?environment=stories");
});

inBrowser("of an agent of which it cannot be read it is not said that it did not run", async () => {
  const page = await on.open("/agents", { expected: /status of 404/ });
  const body = JSON.stringify({ status: 404, code: "not-found", detail: "It is away", instance: "" });
  const gone = { status: 404, contentType: "application/problem+json", body };
  await page.route(/\/agent-statistics/, (route) => route.fulfill(gone));
  await page.goto(`${on.deployment.url}/agents/echo?environment=stories`);
  await page.getByText("How it did is not known: It is away").waitFor();
});

inBrowser("axe finds nothing in agents, and nothing is cut off or covered", async () => {
  const page = await on.open("/agents");
  await page.getByRole("row", { name: /slo-analyzer/ }).waitFor();
  const faults = [...(await faultsAtBothWidths(page, "agents"))];
  await page.getByRole("row", { name: /slo-analyzer/ }).click();
  await page.locator("pre").waitFor();
  faults.push(...(await faultsAtBothWidths(page, "an agent")));
  expect(faults).toEqual([]);
});
