import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const rows = readFileSync(join(import.meta.dirname, "README.md"), "utf8")
  .split("## Security review")[1]
  ?.split("\n")
  .filter((line) => line.startsWith("|"))
  .slice(2)
  .map((line) => line.split("|").map((cell) => cell.trim()));

const tests = ["src", "test"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /(\.test|-contract)\.ts$/.test(name))
    .map((name) => join(folder, name)),
);

/** A page names a test by its path, or the end of it; those beside `access` by their first word. */
function fileOf(name: string): string | undefined {
  if (!name.endsWith(".ts")) return tests.find((file) => file === `test/integration/http/${name}.test.ts`);
  return tests.find((file) => file === name || file.endsWith(`/${name}`) || basename(file) === name);
}

it("each threat of the security review names what stops it, and a test that is there and says so", () => {
  expect(rows?.length).toBeGreaterThan(35);
  const wanting = (rows ?? []).flatMap(([, threat = "", stop = "", shown = ""]) => {
    if (threat === "" || stop === "") return [`no threat or nothing that stops it: ${threat}${stop}`];
    let file: string | undefined;
    const said = [...shown.matchAll(/`([^`]+)`|_([^_]+)_/g)].flatMap(([, code, words = code ?? ""]) => {
      const named = code === undefined ? undefined : fileOf(code);
      file = named ?? file;
      if (named !== undefined) return [];
      const text = file === undefined ? "" : readFileSync(join(root, file), "utf8");
      return text.includes(words) ? [] : [`${threat}: ${file ?? "no test"} does not say "${words}"`];
    });
    return file === undefined ? [`${threat}: no test is named`] : said;
  });
  expect(wanting).toEqual([]);
});
