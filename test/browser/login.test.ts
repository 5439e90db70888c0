import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { createClient } from "../../src/http/client.ts";
import { startOidcProvider } from "../support/oidc-provider.ts";
import { violationsOf } from "./support/axe.ts";
import { layoutFaultsOf } from "./support/layout.ts";
import { faultsAtBothWidths } from "./support/looks.ts";
import { shot } from "./support/shot.ts";
import { inBrowser, stage } from "./support/station.ts";

const TOKEN = "a-token-of-the-deployment-itself-0001";
const CLIENT = { clientId: "station", clientSecret: "a secret of the client" };
/** What a browser says of the answer that asks who it is. */
const STRANGER = /status of 401/;
let provider: Awaited<ReturnType<typeof startOidcProvider>>;

const on = stage(async () => {
  provider = await startOidcProvider(CLIENT);
  const port = String(await freePort());
  return {
    PORT: port,
    STATION_API_TOKEN: TOKEN,
    STATION_PUBLIC_URL: `http://127.0.0.1:${port}`,
    STATION_OIDC_ISSUER: provider.issuer,
    STATION_OIDC_CLIENT_ID: CLIENT.clientId,
    STATION_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
    STATION_OIDC_ROLES: "platform=operator, *=viewer",
  };
});
let key = "";

beforeAll(async () => {
  const admin = createClient({ baseUrl: on.deployment.url, apiKey: TOKEN });
  ({ key } = await admin.createKey({ body: { name: "wall", scopes: ["runs:read"] } }));
});
afterAll(() => provider?.close());

const who = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

inBrowser("whoever is not known is asked who they are, and taken where they wanted to go", async () => {
  provider.is({ email: "alice@example.com", email_verified: true, name: "Alice", groups: ["platform"] });
  const page = await on.open("/runs?status=failed", { expected: STRANGER, elsewhere: [provider.issuer] });
  await page.getByRole("heading", { name: "Log in to Station" }).waitFor();
  expect(new URL(page.url()).searchParams.get("return")).toBe("/runs?status=failed");
  await page.getByRole("link", { name: "Continue with your organisation" }).click();
  await page.waitForURL(/\/runs\?status=failed$/);
  await page.getByText("connected", { exact: true }).waitFor();
  await who(page, "Alice").click();
  await page.getByRole("menuitem", { name: /user:alice@example.com.*operator, viewer everywhere/ }).waitFor();
  await shot(page, "who-1440-light");
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in to Station" }).waitFor();
  await page.goto(`${on.deployment.url}/workflows`);
  await page.waitForURL(/\/login\?return=%2Fworkflows$/);
});

inBrowser(
  "who may not decide is told who may, who they are and why not, also of a run of their own",
  async () => {
    provider.is({ email: "alice@example.com", email_verified: true, name: "Alice", groups: ["platform"] });
    const admin = createClient({ baseUrl: on.deployment.url, apiKey: TOKEN });
    const asking = (id: string, rule: string) => `
id: ${id}
name: Asks
version: "1"
start: ask
states:
  - { name: ask, type: operation, action: human.approval, input: { message: "Go on?", ${rule} }, timeoutSeconds: 3600, end: true }
`;
    for (const [id, rule] of [
      ["others", "approvers: [team:sre]"],
      ["own", "excludeStarter: true"],
    ] as const)
      await admin.createWorkflow({ body: { definition: asking(id, rule), environment: "stories" } });
    const { runId } = await admin.startRun({
      body: { workflowId: "others", environment: "stories", input: {} },
    });
    const page = await on.open(`/runs/${runId}`, { expected: STRANGER, elsewhere: [provider.issuer] });
    await page.getByRole("link", { name: "Continue with your organisation" }).click();
    const card = page.getByRole("article", { name: "Go on?" });
    await card.getByText("Only team:sre can decide.").waitFor();
    await card.getByText("You are signed in as user:alice@example.com").waitFor();
    await card.getByRole("button", { name: "Copy link to ask" }).waitFor();
    expect(await card.getByRole("button", { name: "Approve" }).count()).toBe(0);

    await page.goto(`${on.deployment.url}/workflows/own?environment=stories`);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("dialog", { name: "Run own" }).getByLabel("Input (JSON)").waitFor();
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/\/runs\/run_/);
    await card
      .getByText(/started (this|the) run/)
      .first()
      .waitFor();
    expect(await card.getByRole("button", { name: "Approve" }).count()).toBe(0);
  },
);

inBrowser("a key lets a tab in, streams included, and is forgotten when somebody logs out", async () => {
  const page = await on.open("/login?return=/workflows", { expected: STRANGER });
  const field = page.getByLabel("API key or token");
  await field.fill("stn_default_nobody_0000");
  await page.keyboard.press("Enter");
  await page
    .getByText(/key/i)
    .filter({ hasText: /not a key|not known/ })
    .first()
    .waitFor();
  await field.fill(key);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/workflows$/);
  await page.getByRole("row", { name: /incident-triage/ }).waitFor();
  await page.getByText("connected", { exact: true }).waitFor();
  await page.reload();
  await page.getByRole("row", { name: /incident-triage/ }).waitFor();
  await who(page, "wall").click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Log in to Station" }).waitFor();
  expect(
    await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }])),
  ).not.toContain(key);
});

inBrowser("an admin sees who vouches for people and what their groups give them; others do not", async () => {
  const page = await on.open("/login?return=/settings/access", { expected: STRANGER });
  await page.getByLabel("API key or token").fill(TOKEN);
  await page.keyboard.press("Enter");
  const people = page.getByRole("region", { name: "People and teams" });
  await people.getByText(provider.issuer).waitFor();
  await people.getByRole("row", { name: "platform operator everywhere" }).waitFor();
  await people.getByRole("row", { name: "everybody viewer everywhere" }).waitFor();
  expect(await page.content()).not.toContain(CLIENT.clientSecret);
  await shot(page, "settings-people-1440-light");
  expect(await faultsAtBothWidths(page, "people and teams")).toEqual([]);

  const others = await on.open("/login?return=/settings/about", { expected: STRANGER });
  await others.getByLabel("API key or token").fill(key);
  await others.keyboard.press("Enter");
  await others.getByText("OpenAPI document").waitFor();
  await who(others, "wall").waitFor();
  expect(await others.getByRole("region", { name: "Paths" }).count()).toBe(0);
});

inBrowser("who starts a run is told before which of its approvals they cannot give", async () => {
  const admin = createClient({ baseUrl: on.deployment.url, apiKey: TOKEN });
  const starter = await admin.createKey({ body: { name: "starter", scopes: ["runs:write"] } });
  const page = await on.open("/login?return=/workflows", { expected: STRANGER });
  await page.getByLabel("API key or token").fill(starter.key);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Run incident-triage" }).click();
  const dialog = page.getByRole("dialog", { name: "Run incident-triage" });
  const note = dialog.getByRole("note", { name: "Approvals that others give" });
  await note.getByText(/^You cannot approve request_approval: that is for /).waitFor();
  expect(await faultsAtBothWidths(page, "approvals that others give")).toEqual([]);
});

inBrowser("a key that is ended while somebody looks sends them back to the login", async () => {
  const admin = createClient({ baseUrl: on.deployment.url, apiKey: TOKEN });
  const short = await admin.createKey({ body: { name: "short", scopes: ["runs:read"] } });
  const page = await on.open("/login?return=/runs", { expected: STRANGER });
  await page.getByLabel("API key or token").fill(short.key);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Runs" }).waitFor();
  await admin.revokeKey({ params: { name: "short" }, query: { environment: "default" } });
  await page.getByRole("link", { name: "Workflows" }).click();
  await page.waitForURL(/\/login\?return=%2Fworkflows$/);
});

inBrowser(
  "whose session ends while they write keeps what they wrote, and goes on once they are back",
  async () => {
    provider.is({ email: "alice@example.com", email_verified: true, name: "Alice", groups: ["platform"] });
    const page = await on.open("/workflows", { expected: STRANGER, elsewhere: [provider.issuer] });
    const comeIn = (tab: Page) => tab.getByRole("link", { name: "Continue with your organisation" }).click();
    await comeIn(page);
    await page.getByRole("button", { name: "Run incident-triage" }).click();
    const dialog = page.getByRole("dialog", { name: "Run incident-triage" });
    await dialog.getByLabel("namespace").fill("production");
    await dialog.getByLabel("service").fill("checkout");

    const beside = await page.context().newPage();
    await beside.goto(`${on.deployment.url}/runs`);
    await who(beside, "Alice").click();
    await beside.getByRole("menuitem", { name: "Log out" }).click();
    await beside.getByRole("heading", { name: "Log in to Station" }).waitFor();
    const note = dialog.getByRole("alert").filter({ hasText: "You are logged out" });
    await note.waitFor();
    expect(await violationsOf(page, "everything")).toEqual([]);
    expect(await layoutFaultsOf(page)).toEqual([]);
    expect(await dialog.getByLabel("service").inputValue()).toBe("checkout");
    await dialog.getByRole("button", { name: /^Start run/ }).click();
    // It is refused, and nothing is lost by it.
    await expect.poll(() => dialog.getByRole("alert").count()).toBe(2);

    await comeIn(beside);
    await note.waitFor({ state: "detached" });
    await dialog.getByRole("button", { name: /^Start run/ }).click();
    await page.waitForURL(/\/runs\/run_/);
    await page.getByText("connected", { exact: true }).waitFor();
  },
);

inBrowser("who may only look finds no button that would be refused", async () => {
  const admin = createClient({ baseUrl: on.deployment.url, apiKey: TOKEN });
  const input = { namespace: "production", service: "checkout" };
  const { runId } = await admin.startRun({ body: { workflowId: "incident-triage", input } });
  const page = await on.open("/login?return=/workflows", { expected: /status of 40[13]/ });
  await page.getByLabel("API key or token").fill(key);
  await page.keyboard.press("Enter");
  const refused = async (name: string | RegExp) => {
    const button = page.getByRole("button", { name }).first();
    await expect.poll(() => button.getAttribute("aria-disabled")).toBe("true");
    await button.hover();
    await page.getByRole("tooltip", { name: /key:default\/wall may not / }).waitFor();
  };
  await refused("Run incident-triage");
  await refused(/^New workflow/);
  await page.goto(`${on.deployment.url}/workflows/incident-triage`);
  await refused("Disable");
  await page.goto(`${on.deployment.url}/runs/${runId}`);
  await refused(/^Pause|^Run again/);
  await page.goto(`${on.deployment.url}/runs`);
  await page
    .getByRole("checkbox", { name: /^Select run_/ })
    .first()
    .check();
  await refused(/^(Cancel|Run again)…$/);
  await page.goto(`${on.deployment.url}/bundles`);
  await refused("Install a bundle…");
  await page.goto(`${on.deployment.url}/new-workflow`);
  await refused(/^Create workflow/);
});

inBrowser(
  "the settings say what somebody may not see or change, instead of that there is nothing",
  async () => {
    const admin = createClient({ baseUrl: on.deployment.url, apiKey: TOKEN });
    const target = { type: "start-run" as const, workflowId: "incident-triage" };
    await admin.createHook({ body: { name: "alarms", scheme: { type: "bearer" }, target } });
    const nightly = {
      name: "nightly",
      workflowId: "incident-triage",
      cron: "0 3 * * *",
      input: { namespace: "n", service: "s" },
    };
    await admin.createSchedule({ body: nightly });
    const operator = await admin.createKey({ body: { name: "operator", scopes: ["runs:write"] } });
    const page = await on.open("/login?return=/settings/access", { expected: STRANGER });
    const comeIn = async (secret: string) => {
      await page.getByLabel("API key or token").fill(secret);
      await page.keyboard.press("Enter");
    };
    const why = /may not administer Station/;
    await comeIn(key);
    const see = async (tab: string, panel: string, reason: RegExp) => {
      await page.getByRole("tab", { name: tab }).click();
      await page.getByRole("region", { name: panel }).getByText(reason).first().waitFor();
    };
    const isOff = async (name: string) =>
      expect
        .poll(() => page.getByRole("button", { name }).first().getAttribute("aria-disabled"))
        .toBe("true");
    await see("Access", "API keys", why);
    await see("Access", "Changed lately", why);
    await isOff("New key…");
    await see("Webhooks", "All webhooks", /may not start and control runs/);
    await isOff("New webhook…");
    await see("Notifications", "Who is told", why);
    await see("Notifications", "What was told", /may not start and control runs/);
    await isOff("New subscription…");
    await see("Schedules", "All schedules", /nightly/);
    await isOff("New schedule…");
    await see("Environments", "default", /^In sync/);
    await isOff("Sync now");
    expect(await faultsAtBothWidths(page, "environments of who may only look")).toEqual([]);

    await who(page, "wall").click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await comeIn(operator.key);
    await page.goto(`${on.deployment.url}/settings/schedules`);
    const item = (name: RegExp) => page.getByRole("menuitem", { name });
    await page.getByRole("button", { name: "More for nightly" }).click();
    await item(/^Delete….*may not change workflows/).waitFor();
    expect(await item(/^Delete…/).getAttribute("aria-disabled")).toBe("true");
    await item(/^Pause$/).click();
    await page.getByRole("row", { name: /nightly.*paused/ }).waitFor();
    await page.getByRole("tab", { name: "Webhooks" }).click();
    await page.getByRole("button", { name: "More for alarms" }).click();
    await item(/^New secret….*may not administer/).waitFor();
    expect(await item(/^Disable/).getAttribute("aria-disabled")).toBe("true");
  },
);

inBrowser("who administers one environment makes new things there, and is offered no other", async () => {
  const admin = createClient({ baseUrl: on.deployment.url, apiKey: TOKEN });
  const own = await admin.createKey({ body: { name: "lead", environment: "stories", scopes: ["admin"] } });
  const page = await on.open("/login?return=/settings/access", { expected: STRANGER });
  await page.getByLabel("API key or token").fill(own.key);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "New key…" }).click();
  const form = page.getByRole("dialog", { name: "New API key" });
  const places = form.getByLabel("Environment").getByRole("option");
  await expect.poll(() => places.allTextContents()).toEqual(["stories"]);
  await form.getByLabel("Name").fill("theirs");
  await form.getByRole("button", { name: "Make key" }).click();
  await page.getByText(/^stn_stories_theirs_/).waitFor();
});

inBrowser("an address elsewhere is nowhere to go after the login", async () => {
  const page = await on.open("/login?return=//evil.example", { expected: STRANGER });
  const link = page.getByRole("link", { name: "Continue with your organisation" });
  expect(await link.getAttribute("href")).toBe("/auth/login?return=%2F");
});

inBrowser("axe finds nothing in the login, and nothing is cut off or covered", async () => {
  const page = await on.open("/login");
  await page.getByRole("link", { name: "Continue with your organisation" }).waitFor();
  expect(await faultsAtBothWidths(page, "login")).toEqual([]);
});

/** A port that nobody listens on: the server's own address must be known before it starts. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
