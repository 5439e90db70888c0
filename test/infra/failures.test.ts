import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const page = new URL("../../deploy/failures.md", import.meta.url);

type Row = { readonly what: string; readonly file: string; readonly test: string };

/** Every row of the page's tables, with the test it names. */
async function rows(): Promise<readonly Row[]> {
  const lines = (await readFile(page, "utf8")).split("\n").filter((line) => line.startsWith("| "));
  return lines
    .filter((line) => !/^\| (?:---|what fails )/.test(line))
    .map((line) => {
      const link = /\[test\]\((\S+) "([^"]+)"\)/.exec(line);
      return { what: line.slice(2, 60), file: link?.[1] ?? "", test: link?.[2] ?? "" };
    });
}

it("every failure on the page names a test that is there", async () => {
  const all = await rows();
  expect(all.length).toBeGreaterThanOrEqual(40);
  for (const { what, file, test } of all) {
    expect(file, what).not.toBe("");
    expect(await readFile(new URL(file, page), "utf8"), what).toContain(`"${test}"`);
  }
});
