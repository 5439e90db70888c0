import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import type { JsonValue } from "../../src/core/json.ts";
import { createClient } from "../../src/http/client.ts";
import { startEmbedded } from "../integration/stories/support/deployment.ts";
import { chromiumPath } from "./support/chromium.ts";
import { differenceFrom, keepBrowser, stillOf, strangenessOf } from "./support/pictures.ts";
import { brokenPromises, keyOf, type Recorded, recordedFrom, replay, textOf } from "./support/recorded.ts";
import { inBrowser } from "./support/station.ts";
import { publish, start, until } from "./support/workflows.ts";

type State = {
  readonly path: (ids: Recorded["ids"]) => string;
  readonly isDark?: boolean;
  readonly width?: number;
  /** Brings the page to what is looked at; resolves when it is there. */
  readonly ready: (page: Page) => Promise<unknown>;
};

const seen = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();

const STATES: Readonly<Record<string, State>> = {
  workflows: {
    path: () => "/workflows?environment=stories",
    ready: (page) => page.getByRole("row", { name: /Asks for its input/ }).waitFor(),
  },
  runs: {
    path: ({ half }) => `/runs?peek=${half}`,
    ready: (page) => page.getByRole("list", { name: "Steps" }).waitFor(),
  },
  timeline: {
    path: ({ half }) => `/runs/${half}`,
    ready: (page) => page.getByRole("treeitem", { name: /search/ }).waitFor(),
  },
  "timeline-dark": {
    path: ({ half }) => `/runs/${half}`,
    isDark: true,
    ready: (page) => page.getByRole("treeitem", { name: /search/ }).waitFor(),
  },
  graph: {
    path: ({ half }) => `/runs/${half}?view=graph`,
    ready: (page) => page.locator('[data-layouts="1"]').waitFor(),
  },
  waiting: {
    path: ({ mitigating }) => `/runs/${mitigating}`,
    ready: (page) => page.getByRole("button", { name: "Approve", exact: true }).waitFor(),
  },
  "context-dark": {
    path: ({ mitigating }) => `/runs/${mitigating}?tab=context`,
    isDark: true,
    ready: (page) => page.getByRole("tab", { name: /Context/, selected: true }).waitFor(),
  },
  "past-dark": {
    path: ({ failing }) => `/runs/${failing}?at=5`,
    isDark: true,
    ready: (page) => seen(page, /^Viewing event 5/),
  },
  events: {
    path: ({ failing }) => `/runs/${failing}?view=events`,
    ready: (page) => page.getByRole("button", { name: /run\.failed/ }).waitFor(),
  },
  versions: {
    path: () => "/workflows/rolled?environment=stories&tab=versions",
    ready: (page) => page.locator("ins", { hasText: "9" }).waitFor(),
  },
  start: {
    path: () => "/workflows/formed?environment=stories",
    ready: async (page) => {
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await page.getByRole("dialog").getByLabel("Service").waitFor();
    },
  },
  "approval-phone": {
    path: ({ approval }) => `/approvals/${approval}`,
    width: 390,
    ready: (page) => page.getByRole("button", { name: "Approve", exact: true }).waitFor(),
  },
};

const kept = new URL("pictures/", import.meta.url);
const answersFile = new URL("answers.ndjson", kept);
const built = join(import.meta.dirname, "../../dist/ui");
/** `1`: what there is is right. `answers`: and what the pages are about is asked of a real Station again. */
const update = process.env["UPDATE_PICTURES"];
let browser: Browser;
let recorded: Recorded;
let station: Awaited<ReturnType<typeof replay>>;
let strangeness: string | null = null;

const launch = () =>
  chromium.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none", "--disable-lcd-text"],
  });

beforeAll(async () => {
  browser = await launch();
  await mkdir(kept, { recursive: true });
  if (update === "answers") await writeFile(answersFile, textOf(await record()));
  if (update) await keepBrowser(browser, kept);
  recorded = recordedFrom(await readFile(answersFile, "utf8"));
  station = await replay(built, recorded);
  strangeness = await strangenessOf(browser, kept);
  if (strangeness !== null)
    console.error(`!!! NOT RUN: the pictures of the pages are not compared: ${strangeness}`);
});
afterAll(async () => {
  await browser?.close();
  await station?.close();
});

inBrowser("what the pictures are about is what the routes answer", () => {
  expect(brokenPromises(recorded)).toEqual([]);
});

for (const [name, state] of Object.entries(STATES))
  inBrowser(`${name} looks as it did when somebody last looked at it and found it right`, async (test) => {
    test.skip(strangeness !== null, strangeness ?? "");
    station.unknown.clear();
    const page = await opened(state, station.url, recorded);
    const is = await stillOf(page);
    await page.context().close();
    expect([...station.unknown]).toEqual([]);
    if (update) await writeFile(new URL(`${name}.png`, kept), is);
    expect(await differenceFrom(kept, name, is)).toBeNull();
  });

/** A page in a state, at the time of what was recorded; `onAsked` hears of every address it asks. */
async function opened(
  { path, isDark = false, width = 1440, ready }: State,
  url: string,
  { at, ids }: Pick<Recorded, "at" | "ids">,
  onAsked: (address: string) => void = () => {},
) {
  const page = await browser.newPage({
    viewport: { width, height: width < 500 ? 844 : 900 },
    colorScheme: isDark ? "dark" : "light",
    reducedMotion: "reduce",
    locale: "en-GB",
    timezoneId: "UTC",
  });
  page.on("request", (request) => {
    const address = request.url();
    if (/\/api\/v1\/(?!stream)/.test(address)) onAsked(address);
  });
  await page.clock.setFixedTime(at);
  await page.goto(url + path(ids));
  await ready(page);
  return page;
}

/** What a real Station says to these pages, and to whom it is about. */
async function record(): Promise<Recorded> {
  const deployment = await startEmbedded();
  try {
    const client = createClient({ baseUrl: deployment.url });
    await publish(client, "half", "failing", "mitigating", "formed", "rolled");
    const place = { params: { id: "rolled" }, query: { environment: "stories" } };
    const { source } = await client.getWorkflow(place);
    const definition = source.replace("duration: 1s", "duration: 9s");
    await client.updateWorkflow({ ...place, body: { environment: "stories", definition } });
    const items = ["checkout", "payments", "search"].map((name) => ({ name, bad: name === "payments" }));
    const half = await start(client, "half", { items });
    const failing = await start(client, "failing");
    const mitigating = await start(client, "mitigating", { who: "user:local" });
    await until(client, half, "FAILED", "COMPLETED");
    await until(client, failing, "FAILED");
    await until(client, mitigating, "WAITING_APPROVAL");
    const { items: approvals } = await client.listRunApprovals({ params: { runId: mitigating }, query: {} });
    const ids = { half, failing, mitigating, approval: approvals[0]?.approvalId ?? "" };
    const scene = { at: new Date().toISOString(), ids, answers: new Map<string, JsonValue>() };
    for (const state of Object.values(STATES)) {
      const addresses: string[] = [];
      const page = await opened(state, deployment.url, scene, (address) => addresses.push(address));
      await stillOf(page);
      await page.context().close();
      for (const address of addresses) scene.answers.set(keyOf(address), await answerOf(address));
    }
    return scene;
  } finally {
    await deployment.remove();
  }
}

/** What the server says to a GET; of a stream, all that has happened so far. */
async function answerOf(address: string): Promise<JsonValue> {
  const response = await fetch(address);
  if (!response.headers.get("content-type")?.startsWith("text/event-stream"))
    return (await response.json()) as JsonValue;
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    const isOver = /^event: run\.(completed|failed)$/m.test(text);
    if (text.includes(isOver ? "event: end" : "event: caught-up")) break;
  }
  return text;
}
