import { beforeAll, expect } from "vitest";
import { bundleOf, TRIAGE } from "../integration/bundles/scene.ts";
import { faultsAtBothWidths, faultsOf } from "./support/looks.ts";
import { changesSince } from "./support/parts.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage();
const runs: Record<string, string> = {};

beforeAll(async () => {
  await publish(on.client, "half", "failing", "asking", "many");
  const items = [
    { name: "a", bad: false },
    { name: "b", bad: true },
    { name: "c", bad: false },
  ];
  runs["failed"] = await start(on.client, "failing");
  runs["half"] = await start(on.client, "half", { items });
  runs["asking"] = await start(on.client, "asking");
  runs["many"] = await start(on.client, "many", {
    items: Array.from({ length: 120 }, (_, i) => `item-${i}`),
  });
  await on.client.installBundle({ body: { archive: await bundleOf(TRIAGE) } });
  await until(on.client, runs["failed"], "FAILED");
  await until(on.client, runs["half"], "FAILED", "COMPLETED");
  await until(on.client, runs["many"], "COMPLETED");
  await until(on.client, runs["asking"], "WAITING_APPROVAL");
});

const PAGES: readonly (readonly [string, () => string])[] = [
  ["the runs", () => "/runs"],
  ["a look at a run", () => `/runs?peek=${runs["half"]}`],
  ["no runs", () => "/runs?q=nothing-is-called-this"],
  ["a failed run", () => `/runs/${runs["failed"]}`],
  ["a run with failed items", () => `/runs/${runs["half"]}`],
  ["a long foreach", () => `/runs/${runs["many"]}`],
  ["a run that asks", () => `/runs/${runs["asking"]}`],
  ["its context", () => `/runs/${runs["asking"]}?tab=context`],
  ["its events", () => `/runs/${runs["failed"]}?view=events`],
  ["its graph", () => `/runs/${runs["half"]}?view=graph`],
  ["the past", () => `/runs/${runs["failed"]}?at=5`],
  ["the bundles", () => "/bundles"],
  ["an unknown run", () => "/runs/run_that_never_was"],
  ["an unknown page", () => "/nowhere"],
];

for (const [what, path] of PAGES)
  inBrowser(
    `${what}: axe finds nothing, nothing is cut off or covered, and all is where it was`,
    async () => {
      const page = await on.open(path(), { expected: /status of 404/ });
      await page.locator("h1, h2").first().waitFor();
      if (what.includes("bundles")) await page.getByRole("region", { name: "triage 1.0.0" }).waitFor();
      if (what.includes("graph")) await page.locator('[data-layouts="1"]').waitFor();
      expect(await faultsAtBothWidths(page, what)).toEqual([]);
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
        const kept = new URL(`looks/${what.replaceAll(" ", "-")}-${width}.txt`, import.meta.url);
        expect(await changesSince(page, kept), `${what}, ${width} px`).toEqual([]);
      }
    },
  );

inBrowser("the dialogs of a run are accessible too", async () => {
  const page = await on.open(`/runs/${runs["asking"]}`);
  await page.getByRole("button", { name: "Approve", exact: true }).waitFor();
  for (const [key, title] of [
    ["C", "Cancel asking?"],
    ["R", "Run asking again"],
    ["s", "Send a signal"],
    ["=", "Compare with another run"],
    ["?", "Keys"],
  ] as const) {
    await page.keyboard.press(key);
    await page.getByRole("dialog", { name: title }).waitFor();
    expect(await faultsOf(page, title)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
});
