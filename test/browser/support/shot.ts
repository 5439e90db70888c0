import type { Page } from "playwright-core";

/** With `SHOTS=directory` the pages can be looked at afterwards. */
export async function shot(page: Page, name: string): Promise<void> {
  const directory = process.env["SHOTS"];
  if (directory !== undefined) await page.screenshot({ path: `${directory}/${name}.png` });
}
