import { beforeAll, expect } from "vitest";
import { settled } from "./support/looks.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();
let runId = "";

beforeAll(async () => {
  await publish(on.client, "failing");
  runId = await start(on.client, "failing");
  await until(on.client, runId, "FAILED");
});

inBrowser("an address that says nonsense shows its page, as if it had not been said", async () => {
  const paths = [
    "/runs?status=bogus&since=ever",
    "/workflows?environment=stories&status=bogus",
    "/workflows/failing?environment=stories&tab=bogus&version=x&diff=bogus&status=bogus",
    `/runs/${runId}?view=bogus&at=bogus&tab=bogus`,
    "/approvals?show=bogus",
    "/settings/access?name=",
    "/agents?environment=",
  ];
  const seen: string[] = [];
  for (const path of paths) {
    const page = await on.open(path);
    await page.locator("h1, [role=alert]").first().waitFor();
    await settled(page);
    seen.push(`${path}: ${(await page.getByText("This page failed").count()) === 0 ? "shown" : "failed"}`);
    await page.close();
  }
  expect(seen).toEqual(paths.map((path) => `${path}: shown`));
});
