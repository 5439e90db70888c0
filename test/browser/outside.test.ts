import { beforeAll, expect } from "vitest";
import { windowedPath } from "./support/chromium.ts";
import { inWindow, stage } from "./support/station.ts";
import { askedBy, publish } from "./support/workflows.ts";

const on = stage({}, { executablePath: windowedPath });

beforeAll(async () => {
  await publish(on.client, "mitigating");
});

inWindow("who wants it is told of a new question outside of the page, and a click leads to it", async () => {
  const old = await askedBy(on.client);
  const page = await on.open("/approvals");
  const notify = page.getByRole("button", { name: "Notify me" });
  await expect.poll(() => notify.getAttribute("aria-pressed")).toBe("false");
  await page.context().grantPermissions(["notifications"], { origin: on.deployment.url });
  await page.addInitScript(() => {
    const shown: Notification[] = [];
    Object.assign(globalThis, {
      shown,
      Notification: class extends Notification {
        constructor(title: string, options?: NotificationOptions) {
          super(title, options);
          shown.push(this);
        }
      },
    });
  });
  await page.reload();
  await notify.click();
  await page.getByText(/^New questions to you are shown/).waitFor();
  await page.locator('[aria-pressed="true"]', { hasText: "Notify me" }).waitFor();
  // It stays on, and whatever page is open.
  const known = page.waitForResponse((response) => response.url().includes("mine=true"));
  await page.goto(`${on.deployment.url}/runs`);
  await known;
  const { approvalId } = await askedBy(on.client);
  type Shown = { readonly shown: readonly Notification[] };
  const told = () =>
    page.evaluate(() => (globalThis as unknown as Shown).shown.map(({ title, tag }) => [title, tag]));
  await expect.poll(told, { timeout: 15_000 }).toEqual([["Restart pods in production", approvalId]]);
  expect((await on.client.getApproval({ params: { approvalId: old.approvalId } })).status).toBe("PENDING");
  await page.evaluate(() => (globalThis as unknown as Shown).shown[0]?.dispatchEvent(new Event("click")));
  await page.waitForURL((url) => url.searchParams.get("approval") === approvalId);
  await notify.click();
  await page.getByText("No more notifications").waitFor();
});
