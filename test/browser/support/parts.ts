import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Page } from "playwright-core";
import { settled } from "./looks.ts";

/** What a page is made of, whatever its data: places, headings, tabs, heads of tables, panels, buttons. */
const PARTS = [
  'nav[aria-label="Main"]',
  "h1",
  "h2",
  '[role="tab"]',
  '[role="columnheader"]',
  "section[aria-label]",
  "aside",
  // This one comes when a run has waited long enough.
  'main button:not([aria-label*="idle time"])',
].join(",");

/** Fonts are ours, but every browser rounds in its own way. */
const TOLERANCE_PX = 4;

type Part = {
  readonly name: string;
  readonly box: readonly [x: number, y: number, width: number, height: number];
  readonly look: string;
};

/**
 * How the parts of a page differ from how they were when somebody last looked at it and found it right: where they
 * are, how large, in which type and which colours, light and dark. `UPDATE_LOOKS=1` keeps what there is as right.
 * Not pictures: those of another machine's browser differ everywhere, and tell nobody what has changed.
 */
export async function changesSince(page: Page, file: URL): Promise<readonly string[]> {
  const parts = await partsOf(page);
  if (process.env["UPDATE_LOOKS"]) {
    await mkdir(dirname(file.pathname), { recursive: true });
    await writeFile(file, `${parts.map(lineOf).join("\n")}\n`);
    return [];
  }
  const known = (await readFile(file, "utf8")).trimEnd().split("\n").map(partFrom);
  const changes: string[] = [];
  for (const part of parts) {
    const before = known.find(({ name }) => name === part.name);
    if (!before) changes.push(`new: ${lineOf(part)}`);
    else if (before.look !== part.look || part.box.some((side, i) => isFar(side, before.box[i] ?? 0)))
      changes.push(`was ${lineOf(before)}; is ${lineOf(part)}`);
  }
  for (const { name } of known) if (!parts.some((part) => part.name === name)) changes.push(`gone: ${name}`);
  return changes;
}

function isFar(a: number, b: number): boolean {
  return Math.abs(a - b) > Math.max(TOLERANCE_PX, 0.02 * Math.abs(b));
}

function lineOf({ name, box, look }: Part): string {
  return `${name} | ${box.join(" ")} | ${look}`;
}

function partFrom(line: string): Part {
  const [name = "", box = "", look = ""] = line.split(" | ");
  return { name, box: box.split(" ").map(Number) as unknown as Part["box"], look };
}

async function partsOf(page: Page): Promise<readonly Part[]> {
  const read = async (theme: "light" | "dark") => {
    await page.emulateMedia({ colorScheme: theme });
    await settled(page);
    return page.evaluate((selector) => {
      const seen = new Map<string, number>();
      return [...document.querySelectorAll(selector)].flatMap((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        if (width === 0 || !element.checkVisibility() || element.closest('[role="row"] [role="cell"]'))
          return [];
        const text = element.getAttribute("aria-label") ?? element.textContent ?? "";
        const words = text
          .replace(/\b(run|apr|ar)_\w+/g, "$1_…")
          .replace(/\s+/g, " ")
          .trim()
          .slice(0, 40);
        // Counts and times are others tomorrow, and as wide as they are then.
        if (/\d/.test(words)) return [];
        const said = `${element.getAttribute("role") ?? element.tagName.toLowerCase()} “${words}”`;
        const nth = (seen.get(said) ?? 0) + 1;
        seen.set(said, nth);
        const { color, backgroundColor, fontSize, fontWeight } = getComputedStyle(element);
        return {
          name: nth === 1 ? said : `${said} ${nth}`,
          box: [left, top, width, height].map(Math.round) as [number, number, number, number],
          type: `${fontSize} ${fontWeight}`,
          colours: `${color} on ${backgroundColor}`,
        };
      });
    }, PARTS);
  };
  const dark = await read("dark");
  const light = await read("light");
  return light.map(({ name, box, type, colours }, index) => ({
    name,
    box,
    look: `${type}, ${colours}, dark ${dark[index]?.colours ?? ""}`,
  }));
}
