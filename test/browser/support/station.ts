import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Client, createClient } from "../../../src/http/client.ts";
import { type Deployment, startEmbedded } from "../../integration/stories/support/deployment.ts";
import { chromiumPath, windowedPath } from "./chromium.ts";

/** What a test file talks to: a real Station in a process of its own, and a browser. */
export type Stage = {
  readonly client: Client;
  readonly deployment: Deployment;
  /** A page in a fresh profile; what it complains about fails the test. */
  open(path: string, options?: OpenOptions): Promise<Page>;
};

export type OpenOptions = {
  readonly width?: number;
  readonly dark?: boolean;
  /** Other servers that may be asked. */
  readonly elsewhere?: readonly string[];
  /** Complaints that belong to the test, such as requests to a server that was killed. */
  readonly expected?: RegExp;
  /** The address it is opened at, where that is not the server's own: behind a proxy. */
  readonly at?: string;
  /** When something that fits this selector is first there is kept as `firstSeenAt`, in ms since the page was asked for. */
  readonly watch?: string;
};

/** Tests that need a browser; without one they are skipped, and the setup has said so. */
export const inBrowser = it.skipIf(!existsSync(chromiumPath));
export const inWindow = it.skipIf(!existsSync(windowedPath));

type Environment = Readonly<Record<string, string>>;

const embedded = (env: Environment) => startEmbedded({ STATION_LOG_LEVEL: "info", ...env });

/** Boots Station, with these variables on top, and a browser for a test file. */
export function stage(
  env: Environment | (() => Promise<Environment>) = {},
  { boot = embedded, executablePath = chromiumPath } = {},
): Stage {
  let deployment: Deployment | undefined;
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    if (!existsSync(executablePath)) return;
    [deployment, browser] = await Promise.all([
      boot(typeof env === "function" ? await env() : env),
      chromium.launch({
        executablePath,
        // Without a window letters would be as wide as whole pixels: the pages would be laid out as nobody sees them.
        args: ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"],
      }),
    ]);
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await deployment?.remove();
  });

  const there = () => {
    if (!deployment) throw new Error("Station is not running");
    return deployment;
  };
  return {
    get client() {
      return createClient({ baseUrl: there().url });
    },
    get deployment() {
      return there();
    },
    async open(path, { width = 1440, dark = false, expected, elsewhere = [], watch, at = there().url } = {}) {
      if (!browser) throw new Error("there is no browser");
      const context = await browser.newContext({
        viewport: { width, height: width < 500 ? 844 : 900 },
        colorScheme: dark ? "dark" : "light",
        reducedMotion: "reduce",
      });
      context.setDefaultTimeout(40_000);
      contexts.push(context);
      const page = await context.newPage();
      const { origin } = new URL(at);
      const complain = (text: string) => {
        if (!expected?.test(text)) complaints.push(text);
      };
      page.on("pageerror", (error) => complain(`page error: ${error.message}`));
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning")
          complain(`console: ${message.text()}`);
      });
      page.on("request", (request) => {
        const url = new URL(request.url());
        if (/^https?:$/.test(url.protocol) && ![origin, ...elsewhere].includes(url.origin))
          complain(`leaves the origin: ${url}`);
      });
      if (watch !== undefined)
        await page.addInitScript((selector) => {
          const look = () => {
            if (!document.querySelector(selector)) return;
            Object.assign(globalThis, { firstSeenAt: performance.now() });
            observer.disconnect();
          };
          const observer = new MutationObserver(look);
          observer.observe(document, { childList: true, subtree: true });
        }, watch);
      await page.goto(at + path);
      return page;
    },
  };
}
