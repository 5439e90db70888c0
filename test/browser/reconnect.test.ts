import { beforeAll, expect } from "vitest";
import { inBrowser, stage } from "./support/station.ts";
import { publish, start } from "./support/workflows.ts";

const on = stage();

beforeAll(async () => {
  await publish(on.client, "ticking");
});

inBrowser("a server that is killed mid-run is said to be away, and nothing is lost or doubled", async () => {
  const runId = await start(on.client, "ticking", { count: 0 });
  const page = await on.open(`/runs/${runId}?view=events`, { expected: /Failed to load resource|ERR_/ });
  await page
    .getByRole("button", { name: /state\.entered/ })
    .first()
    .waitFor();
  const [server] = on.deployment.processes;
  if (!server) throw new Error("there is no server");
  await server.kill();
  await page.getByText(/Reconnecting… This is as of/).waitFor();
  await on.deployment.restart(server);
  const back = Date.now();
  await page.getByText("connected", { exact: true }).waitFor();
  await page.getByText(/This is as of/).waitFor({ state: "detached" });
  expect(Date.now() - back).toBeLessThan(3000);
  // The run goes on, and the browser's events are the server's, once each and in order.
  const run = await on.client.getRun({ params: { runId } });
  await page.waitForFunction(
    (seq) => (globalThis as unknown as { stationSeqs(): number[] }).stationSeqs().length > seq,
    run.seq + 3,
  );
  const seqs = await page.evaluate(() =>
    (globalThis as unknown as { stationSeqs(): number[] }).stationSeqs(),
  );
  expect(seqs).toEqual(seqs.map((_, index) => index + 1));
});

inBrowser(
  "a run whose definition is asked for while the server restarts is shown when it is back",
  async () => {
    const runId = await start(on.client, "ticking", { count: 0 });
    const page = await on.open("/runs", { expected: /status of 503|Failed to load resource|ERR_/ });
    let refused = 0;
    await page.route(/\/api\/v1\/workflows\/ticking\/versions\/\d+/, (route) => {
      if (++refused > 2) return route.continue();
      return refused === 1 ? route.abort() : route.fulfill({ status: 503, body: "a proxy's own page" });
    });
    await page.goto(`${on.deployment.url}/runs/${runId}?view=events`);
    await page
      .getByRole("button", { name: /state\.entered/ })
      .first()
      .waitFor();
    expect(refused).toBeGreaterThan(2);
  },
);

inBrowser(
  "a list is read again when the line is back: what changed meanwhile is told to nobody",
  async () => {
    const runId = await start(on.client, "ticking", { count: -1000 });
    const page = await on.open("/runs", { expected: /Failed to load resource|ERR_/ });
    const row = page.getByRole("row").filter({ has: page.locator(`[title="${runId}"]`) });
    await row.getByText("Running").waitFor();
    let isCut = false;
    await page.route(/\/api\/v1\/stream/, (route) => (isCut ? route.abort() : route.continue()));
    const [server] = on.deployment.processes;
    if (!server) throw new Error("there is no server");
    isCut = true;
    await server.kill();
    await page.getByText(/This is as of/).waitFor();
    await on.deployment.restart(server);
    await on.client.cancelRun({ params: { runId } });
    isCut = false;
    await page.getByText("connected", { exact: true }).waitFor();
    await row.getByText("Cancelled").waitFor();
  },
);

inBrowser("a page that slept says since when it knows nothing, not when it woke", async () => {
  const page = await on.open("/approvals", { expected: /Failed to load resource|ERR_/ });
  await page.clock.install();
  await page.goto(`${on.deployment.url}/runs`);
  await page.getByText("connected", { exact: true }).waitFor();
  const turn = (state: "hidden" | "visible") =>
    page.evaluate((to) => {
      Object.defineProperty(document, "hidden", { value: to === "hidden", configurable: true });
      Object.defineProperty(document, "visibilityState", { value: to, configurable: true });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    }, state);
  const before = await page.evaluate(() => Date.now());
  await turn("hidden");
  await page.clock.runFor(61_000);
  await page.clock.fastForward("20:00:00");
  await page.route(/\/api\//, (route) => route.abort());
  await turn("visible");
  const said = await page.getByText(/This is as of/).textContent();
  const since = Date.parse(
    /as of (.+?) UTC/
      .exec(said ?? "")?.[1]
      ?.replace(" ", "T")
      .concat("Z") ?? "",
  );
  expect(Math.abs(since - before)).toBeLessThan(90_000);
});

inBrowser(
  "a part of the page that cannot be had takes nothing else with it, and is had when it is asked for again",
  async () => {
    const page = await on.open("/login", {
      expected: /Failed to load resource|ERR_|dynamically imported module/,
    });
    let isAway = true;
    await page.route(/\/assets\/(dist|compare-dialog)-\w+\.js$/, (route) =>
      isAway ? route.abort() : route.continue(),
    );
    const runId = await start(on.client, "ticking", { count: -1000 });
    await page.goto(`${on.deployment.url}/runs/${runId}`);
    await page.getByRole("treeitem", { name: /tick/ }).first().waitFor();
    await page.keyboard.press("=");
    await page.getByText(/^A part of this page could not be loaded/).waitFor();
    await page.getByRole("link", { name: "Settings" }).waitFor();
    isAway = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("treeitem", { name: /tick/ }).first().waitFor();
    await page.keyboard.press("=");
    await page.getByRole("dialog", { name: "Compare with another run" }).waitFor();
    await on.client.cancelRun({ params: { runId } });
  },
);
