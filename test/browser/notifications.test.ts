import { afterAll, beforeAll, expect } from "vitest";
import { startReceiver } from "../support/receiver.ts";
import { faultsAtBothWidths, faultsOf } from "./support/looks.ts";
import { shot } from "./support/shot.ts";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

const on = stage({
  STATION_SECRET_KEYS: "a-key-that-secrets-are-kept-with-0001",
  STATION_OUTGOING_ALLOWED: "127.0.0.1",
});
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  receiver = await startReceiver();
  await publish(on.client, "failing");
});
afterAll(() => receiver?.close());

inBrowser("who wants to be told makes a subscription, tries it out, and sees what was told", async () => {
  const page = await on.open("/settings/notifications");
  await page.getByText("Nobody is told of what happens to runs").waitFor();
  await page.getByRole("button", { name: "New subscription…" }).click();
  const form = page.getByRole("dialog", { name: "New subscription" });
  await form.getByLabel("Name").fill("on-call");
  await form.getByLabel("Environment").selectOption("stories");
  await form.getByLabel("Address").fill(`${receiver.url}/station`);
  await shot(page, "new-subscription-1440-light");
  expect(await faultsOf(page, "new subscription")).toEqual([]);
  await form.getByRole("button", { name: "Make subscription" }).click();
  const shown = page.getByRole("dialog", { name: "The secret of on-call" });
  expect(await shown.locator("code").first().textContent()).toMatch(/^whsec_/);
  await shown.getByRole("button", { name: "I have kept it" }).click();
  await page.waitForURL(/name=on-call/);

  await page.getByRole("button", { name: "More for on-call" }).click();
  await page.getByRole("menuitem", { name: "Send a test" }).click();
  await page.getByText(/The test arrived/).waitFor();
  expect(receiver.received.map(({ path }) => path)).toEqual(["/station"]);

  const runId = await start(on.client, "failing");
  await until(on.client, runId, "FAILED");
  const told = page.getByRole("region", { name: "What on-call was told" });
  await told.getByRole("row", { name: /run\.failed.*arrived/ }).waitFor();
  await told.getByRole("button", { name: "run.failed" }).click();
  await page.getByRole("dialog", { name: "run.failed" }).getByText(runId).first().waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  const before = receiver.received.length;
  await told.getByRole("button", { name: "Send it again" }).click();
  await expect.poll(() => receiver.received.length, { timeout: 15_000 }).toBe(before + 1);
  const ids = receiver.received.map(({ headers }) => headers["webhook-id"]).slice(-2);
  expect(ids[0]).toBe(ids[1]);

  await page.getByRole("button", { name: "More for on-call" }).click();
  await page.getByRole("menuitem", { name: "Disable" }).click();
  await page.getByRole("region", { name: "Who is told" }).getByText("disabled").waitFor();
});

inBrowser("a receiver that refuses is said to, with its answer", async () => {
  receiver.answers(() => ({ status: 400, body: "not here" }));
  const body = {
    name: "refusing",
    environment: "stories",
    types: ["run.failed" as const],
    channel: { kind: "webhook" as const, url: `${receiver.url}/refuses` },
  };
  await on.client.createSubscription({ body });
  const page = await on.open("/settings/notifications");
  await page.getByRole("button", { name: "More for refusing" }).click();
  await page.getByRole("menuitem", { name: "Send a test" }).click();
  await page.getByText(/The test did not arrive.*400/).waitFor();
});

inBrowser("axe finds nothing in notifications, and nothing is cut off or covered", async () => {
  const page = await on.open("/settings/notifications");
  await page.getByRole("row", { name: /on-call/ }).waitFor();
  await page
    .getByRole("row", { name: /run\.failed/ })
    .first()
    .waitFor();
  expect(await faultsAtBothWidths(page, "notifications")).toEqual([]);
});
