import { expect } from "vitest";
import { bundleOf, says, TRIAGE } from "../integration/bundles/scene.ts";
import { faultsAtBothWidths } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";

const on = stage();

const upload = (archive: string) => ({
  name: "triage.station.zip",
  mimeType: "application/zip",
  buffer: Buffer.from(archive, "base64"),
});

inBrowser(
  "a bundle is installed after its plan was read, and one in its way is refused with the reason",
  async () => {
    const page = await on.open("/", { expected: /status of 422/ });
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("b");
    await page.waitForURL("**/bundles");
    await page.getByText("No bundle is installed here yet").waitFor();
    const picker = page.getByLabel("Bundle", { exact: true });
    await picker.setInputFiles(upload(await bundleOf(TRIAGE)));
    const dialog = page.getByRole("dialog", { name: "Install triage 1.0.0?" });
    const changes = dialog.getByRole("list", { name: "What would change" });
    const added = Object.keys(TRIAGE)
      .sort()
      .map((path) => `adds${path}`);
    await expect.poll(() => changes.getByRole("listitem").allTextContents()).toEqual(added);
    expect((await on.client.listBundles({})).items).toEqual([]);
    await dialog.getByRole("button", { name: "Install" }).click();
    const installed = page.getByRole("region", { name: "triage 1.0.0" });
    await installed.getByText("not signed").waitFor();
    await installed.getByText("3 files").click();
    await installed.getByText("workflows/greet.workflow.yaml").waitFor();

    await picker.setInputFiles(upload(await bundleOf(TRIAGE, { name: "thief" })));
    await page.getByText('of the bundle "triage", which an install does not replace').waitFor();
    await page.getByRole("button", { name: "Close" }).first().click();
    await page.getByRole("link", { name: "Workflows" }).first().click();
    await page.getByRole("row", { name: /greet-again/ }).waitFor();
  },
);

inBrowser("axe finds nothing in the plan of a bundle, and nothing is cut off or covered", async () => {
  await on.client.installBundle({ body: { archive: await bundleOf(TRIAGE) } });
  const page = await on.open("/bundles");
  await page.getByRole("region", { name: "triage 1.0.0" }).getByText("3 files").click();
  await page.getByText("workflows/greet.workflow.yaml").waitFor();
  const faults = [...(await faultsAtBothWidths(page, "bundles, unfolded"))];
  const newer = {
    "agents/greeter.prompt": says("greeter", "goodday"),
    "agents/new.prompt": says("new", "new"),
  };
  const picked = upload(await bundleOf(newer, { version: "2.0.0" }));
  await page.getByLabel("Bundle", { exact: true }).setInputFiles(picked);
  await page.getByRole("dialog").getByText("replaces").waitFor();
  faults.push(...(await faultsAtBothWidths(page, "bundles plan")));
  expect(faults).toEqual([]);
});
