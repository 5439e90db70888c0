import type { Page } from "playwright-core";
import { violationsOf } from "./axe.ts";
import { layoutFaultsOf } from "./layout.ts";
import { shot } from "./shot.ts";

/** Looks at a page as it stands, light and dark: what axe finds, and how it is laid out. */
export async function faultsOf(
  page: Page,
  what: string,
  /** `isComplete`: nothing is on its way any more. */
  { isComplete = true }: { readonly isComplete?: boolean } = {},
): Promise<readonly string[]> {
  const { width } = page.viewportSize() ?? { width: 0 };
  const faults: string[] = [];
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await settled(page, isComplete);
    await shot(page, `${what.replace(/\W+/g, "-")}-${width}-${theme}`);
    const found = await violationsOf(page, theme === "light" ? "everything" : "colours");
    faults.push(...found.map((fault) => `${what}, ${width} px, ${theme}: ${fault}`));
  }
  faults.push(...(await layoutFaultsOf(page)).map((fault) => `${what}, ${width} px: ${fault}`));
  await page.emulateMedia({ colorScheme: "light" });
  return faults;
}

/** The same at the width of a desk and of a phone, where what is shown does not depend on it. */
export async function faultsAtBothWidths(page: Page, what: string): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const [width, height] of [
    [390, 844],
    [1440, 900],
  ] as const) {
    await page.setViewportSize({ width, height });
    faults.push(...(await faultsOf(page, what)));
  }
  return faults;
}

/** Everything that was on its way is there: fonts, answers, and what moves has come to rest. */
export async function settled(page: Page, isComplete = true): Promise<void> {
  await page.waitForFunction(
    (complete) =>
      document.fonts.status === "loaded" &&
      (!complete || document.querySelector('[role="status"][aria-label^="Loading"]') === null) &&
      document.getAnimations().every(({ playState }) => playState !== "running"),
    isComplete,
  );
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}
