import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { faultsAtBothWidths, faultsOf } from "./support/looks.ts";
import { shot } from "./support/shot.ts";
import { inBrowser, stage } from "./support/station.ts";

const on = stage({ STATION_RETENTION: "90d, FAILED=365d" });

inBrowser("a key is made for a program, shown once, given a new secret, and ended", async () => {
  const page = await on.open("/settings/access");
  const keys = page.getByRole("region", { name: "API keys" });
  await keys.getByText("There are no keys").waitFor();
  await keys.getByRole("button", { name: "New key…" }).click();
  const form = page.getByRole("dialog", { name: "New API key" });
  const make = form.getByRole("button", { name: "Make key" });
  await expect.poll(() => make.getAttribute("aria-disabled")).toBe("true");
  await form.getByLabel("Name").fill("ci");
  await form.getByLabel(/start and control runs/).check();
  await form.getByLabel("Good for").selectOption("30 days");
  await shot(page, "settings-new-key-1440-light");
  expect(await faultsOf(page, "new key")).toEqual([]);
  await make.click();
  const shown = page.getByRole("dialog", { name: "The key ci" });
  const first = (await shown.locator("code").first().textContent()) ?? "";
  expect(first).toMatch(/^stn_default_ci_/);
  await shot(page, "settings-secret-1440-light");
  expect(await faultsOf(page, "secret")).toEqual([]);
  await shown.getByRole("button", { name: "I have kept it" }).click();
  await keys.getByRole("row", { name: /ci default.*runs:read, runs:write.*active.*never/ }).waitFor();
  expect(await page.content()).not.toContain(first);

  await page.getByRole("button", { name: "More for ci" }).click();
  await page.getByRole("menuitem", { name: "New secret…" }).click();
  await page.getByRole("button", { name: "Make a new secret" }).click();
  const second = (await shown.locator("code").first().textContent()) ?? "";
  expect(second).not.toBe(first);
  await shown.getByRole("button", { name: "I have kept it" }).click();

  await page.getByRole("button", { name: "More for ci" }).click();
  await page.getByRole("menuitem", { name: "Revoke…" }).click();
  await page.getByRole("button", { name: "Revoke key" }).click();
  await keys.getByRole("row", { name: /ci.*revoked/ }).waitFor();
  const { items } = await on.client.listKeys();
  expect(items.map(({ name, status }) => [name, status])).toEqual([["ci", "revoked"]]);
  await page.getByRole("region", { name: "Changed lately" }).getByText("key:default/ci").first().waitFor();
});

inBrowser("a name that was given before is refused where it was typed", async () => {
  await on.client.createKey({ body: { name: "taken", scopes: ["runs:read"] } });
  const page = await on.open("/settings/access", { expected: /status of 409/ });
  await page.getByRole("button", { name: "New key…" }).click();
  await page.getByLabel("Name").fill("taken");
  await page.getByRole("button", { name: "Make key" }).click();
  await page.getByText('environment "default" has or had a key "taken"').waitFor();
});

inBrowser("who wrote a file sees what a sync would do with it, and lets it", async () => {
  const page = await on.open("/settings");
  await page.getByRole("tab", { name: "Environments" }).click();
  await page.waitForURL("**/settings/environments");
  await expect
    .poll(() => page.getByRole("link", { name: "Settings" }).getAttribute("data-status"))
    .toBe("active");
  const folder = join(on.deployment.directory, "environments/calm/workflows");
  const here = page.getByRole("region", { name: "calm", exact: true });
  await here.getByText(/^In sync/).waitFor();
  await writeFile(
    join(folder, "new.workflow.yaml"),
    'id: brand-new\nversion: "1"\nstates:\n  - { name: a, type: inject, data: {}, end: true }\n',
  );
  await writeFile(join(folder, "broken.workflow.yaml"), "id: broken\nstates: []\n");
  await page.reload();
  await here.getByRole("row", { name: /new\.workflow\.yaml brand-new creates it/ }).waitFor();
  await here.getByRole("row", { name: /broken\.workflow\.yaml.*leaves it: invalid/ }).waitFor();
  await shot(page, "settings-sync-1440-light");
  await here.getByRole("button", { name: "Sync now" }).click();
  await here.getByRole("row", { name: /brand-new/ }).waitFor({ state: "detached" });
  await here.getByRole("row", { name: /broken/ }).waitFor();
  const query = { environment: "calm" };
  expect((await on.client.getWorkflow({ params: { id: "brand-new" }, query })).version).toBe(1);
});

inBrowser("an admin sees where things are kept and how long runs stay", async () => {
  const page = await on.open("/settings/about");
  await page.getByRole("region", { name: "Paths" }).getByText(on.deployment.directory).first().waitFor();
  const retention = page.getByRole("region", { name: "Retention" });
  await retention.getByText("Failed runs").waitFor();
  await retention.getByText("365 days").waitFor();
  await retention.getByText("All others").waitFor();
  await shot(page, "settings-about-1440-light");
});

inBrowser("axe finds nothing in the settings, and nothing is cut off or covered", async () => {
  const faults: string[] = [];
  const page = await on.open("/settings/access");
  for (const [tab, sign] of [
    ["Access", "taken"],
    ["Environments", "In sync"],
    ["About", "365 days"],
  ] as const) {
    await page.getByRole("tab", { name: tab }).click();
    await page.getByText(sign, { exact: false }).first().waitFor();
    faults.push(...(await faultsAtBothWidths(page, `settings ${tab}`)));
  }
  expect(faults).toEqual([]);
});
