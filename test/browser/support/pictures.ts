import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import pixelmatch from "pixelmatch";
import type { Browser, Page } from "playwright-core";
import { PNG } from "pngjs";
import { chromiumPath } from "./chromium.ts";
import { settled } from "./looks.ts";

/** Of a picture at most so much may differ. */
const TOLERANCE = 0.001;

/** The letters that pages are written in, and the signs that the machine's own fonts have to draw. */
const PROBE = `<p style="font: 20px sans-serif">The quick brown fox – 0123456789 ✓ ✕ ◆ ⌘ ⇧ → ▷ Δ …</p>`;

/** What a page looks like when nothing on it moves any more. */
export async function stillOf(page: Page): Promise<Buffer> {
  await settled(page);
  let last = await pictureOf(page);
  for (let i = 0; i < 50; i++) {
    const next = await pictureOf(page);
    if (next.equals(last)) return next;
    last = next;
  }
  throw new Error("the page does not come to rest");
}

function pictureOf(page: Page): Promise<Buffer> {
  return page.screenshot({ animations: "disabled", caret: "hide" });
}

/**
 * How a picture differs from the one that is kept under this name; null where it does not. What it was, is, and where
 * it differs is left in `.cache/pictures`.
 */
export async function differenceFrom(kept: URL, name: string, is: Buffer): Promise<string | null> {
  const was = PNG.sync.read(await readFile(new URL(`${name}.png`, kept)));
  const now = PNG.sync.read(is);
  if (was.width !== now.width || was.height !== now.height)
    return `${name}: was ${was.width} × ${was.height}, is ${now.width} × ${now.height}`;
  const { width, height } = was;
  const difference = new PNG({ width, height });
  const pixels = pixelmatch(was.data, now.data, difference.data, width, height, { threshold: 0.1 });
  const share = pixels / (width * height);
  if (share <= TOLERANCE) return null;
  const left = join(import.meta.dirname, "../../../.cache/pictures");
  await mkdir(left, { recursive: true });
  await writeFile(join(left, `${name}.png`), is);
  await writeFile(join(left, `${name}-difference.png`), PNG.sync.write(difference));
  return `${name}: ${(share * 100).toFixed(2)} % differ; see .cache/pictures/${name}-difference.png`;
}

/** Why this browser's pictures cannot be laid beside those that are kept; null when they can. */
export async function strangenessOf(browser: Browser, kept: URL): Promise<string | null> {
  const itWas = (await readFile(new URL("chromium.txt", kept), "utf8")).trim();
  const itIs = nameOf(browser);
  if (itIs !== itWas) return `they are of ${itWas}, and this is ${itIs}`;
  const was = PNG.sync.read(await readFile(new URL("letters.png", kept)));
  const is = PNG.sync.read(await lettersOf(browser));
  const pixels = pixelmatch(was.data, is.data, undefined, was.width, was.height, { threshold: 0.1 });
  return pixels === 0 ? null : "this machine has other fonts, or draws letters in another way";
}

/** Keeps whose pictures these are. */
export async function keepBrowser(browser: Browser, kept: URL): Promise<void> {
  await writeFile(new URL("chromium.txt", kept), `${nameOf(browser)}\n`);
  await writeFile(new URL("letters.png", kept), await lettersOf(browser));
}

/** The program and its major version: with a window and without one the same version draws letters differently. */
function nameOf(browser: Browser): string {
  return `${basename(chromiumPath)} ${browser.version().split(".")[0]}`;
}

async function lettersOf(browser: Browser): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 640, height: 80 } });
  try {
    await page.setContent(PROBE);
    return await page.screenshot();
  } finally {
    await page.close();
  }
}
