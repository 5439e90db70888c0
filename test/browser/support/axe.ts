import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";

const source = readFile(new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** What axe finds wrong with a page: WCAG 2.0 to 2.2, A and AA, and good practice. */
export async function faultsOf(page: Page, what: string): Promise<readonly string[]> {
  await page.evaluate(await source);
  return page.evaluate(async (name) => {
    const { axe } = globalThis as unknown as { axe: { run(options: unknown): Promise<AxeResult> } };
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations: found } = await axe.run({ runOnly: { type: "tag", values: tags } });
    return found.map(
      ({ id, nodes }) =>
        `${name}: ${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary.replace(/\s+/g, " ")}`).join(" | ")}`,
    );
  }, what);
}

type AxeResult = {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
  }[];
};
