import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Deployment } from "../integration/stories/support/deployment.ts";
import { launchCommand } from "../integration/stories/support/process.ts";
import { faultsAtBothWidths } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";
import { until } from "./support/workflows.ts";

const cli = fileURLToPath(new URL("../../src/main/cli.ts", import.meta.url));

/** `stn dev` in an empty directory. */
async function dev(env: Readonly<Record<string, string>>): Promise<Deployment> {
  const directory = await mkdtemp(join(tmpdir(), "station-dev-"));
  const station = launchCommand([process.execPath, cli, "dev"], { directory, env: { PORT: "0", ...env } });
  const { url } = await station.logged("listening");
  return {
    url: String(url),
    processes: [station],
    directory,
    logged: station.logged,
    restart: () => Promise.reject(new Error("is not started again")),
    async remove() {
      await station.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const on = stage({}, { boot: dev });

inBrowser(
  "where there is no workflow yet, an example is installed with one click and runs to its question",
  async () => {
    const page = await on.open("/workflows");
    const example = page.getByRole("region", { name: "Install an example" });
    await page.getByRole("region", { name: "Write a file" }).getByText("Watching default…").waitFor();
    expect(await faultsAtBothWidths(page, "no workflow yet")).toEqual([]);
    await example.getByRole("button", { name: "Install the example" }).click();
    await page.getByRole("row", { name: /First steps/ }).waitFor();
    expect((await on.client.listBundles({})).items.map(({ name }) => name)).toEqual(["first-steps"]);
    await page.getByRole("button", { name: "Run first-steps" }).click();
    const dialog = page.getByRole("dialog", { name: "Run first-steps" });
    await dialog.getByLabel("Change").waitFor();
    await dialog.getByRole("button", { name: "Dry run" }).click();
    const path = dialog.getByRole("region", { name: "The path of a dry run" });
    await path.getByText('goes to approve: input.risk == "high"').waitFor();
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/\/runs\/run_/);
    const runId = new URL(page.url()).pathname.split("/").pop() ?? "";
    await until(on.client, runId, "WAITING_APPROVAL");
  },
);

inBrowser("the page that waits for a file turns into the list when the file is there", async () => {
  await mkdir(join(on.deployment.directory, "environments/other"));
  const page = await on.open("/workflows?environment=other");
  const half = page.getByRole("region", { name: "Write a file" });
  await half.getByText("Watching other…").waitFor();
  const [path = ""] = await half.locator("code").allTextContents();
  const text = (await half.locator("pre").textContent()) ?? "";
  expect(path).toBe(join(on.deployment.directory, "environments/other/workflows/hello.workflow.yaml"));
  expect(text.trim().split("\n")).toHaveLength(12);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text.replace("transform", "transfrom"));
  const untaken = page.getByRole("region", { name: "Files that are not taken" });
  await untaken.getByText(/hello\.workflow\.yaml line \d+, column \d+: .*transfrom/).waitFor();
  expect(await faultsAtBothWidths(page, "a first file with an error")).toEqual([]);
  await writeFile(path, text);
  await page.getByRole("row", { name: /Hello/ }).waitFor();
  await page.getByRole("button", { name: "More for hello" }).click();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("menuitem", { name: /^Edit its file/ }).click();
  await page.getByText(`hello is edited in ${path}; the path is copied`).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(path);
  await page.getByRole("link", { name: "Hello" }).click();
  await page.getByRole("button", { name: "Edit" }).waitFor();
  await page.keyboard.press("e");
  await page.getByText(`hello is edited in ${path}; the path is copied`).first().waitFor();
  await page.goBack();

  // A browser that refuses is believed, and the path is told all the same.
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("Write permission denied."));
  });
  await page.getByRole("button", { name: "More for hello" }).click();
  await page.getByRole("menuitem", { name: /^Edit its file/ }).click();
  await page.getByText("The browser does not let this page copy").waitFor();
  await page.getByText(`hello is edited in ${path}`, { exact: true }).waitFor();
  const { runId } = await on.client.startRun({ body: { workflowId: "hello", environment: "other" } });
  expect((await until(on.client, runId, "COMPLETED")).output).toBe("hello world");
});
