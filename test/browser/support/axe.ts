import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";

const source = readFile(new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** The rules that look at colours: all that the other theme can change. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** What axe finds wrong with a page, or with its colours: WCAG 2.0 to 2.2, A and AA, and good practice. */
export async function violationsOf(page: Page, of: "everything" | "colours"): Promise<readonly string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(await source);
  const runOnly = of === "everything" ? { type: "tag", values: TAGS } : { type: "rule", values: COLOURS };
  return page.evaluate(async (what) => {
    const { axe } = globalThis as unknown as { axe: { run(options: unknown): Promise<AxeResult> } };
    const { violations: found } = await axe.run({ runOnly: what, resultTypes: ["violations"] });
    return found.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary.replace(/\s+/g, " ")}`).join(" | ")}`,
    );
  }, runOnly);
}

type AxeResult = {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
  }[];
};
