import { afterAll, expect, test } from "vitest";
import { readDefinition } from "../../../src/adapters/files/definition.ts";
import type { Diagnostic } from "../../../src/core/definition/diagnostic.ts";
import { parentPointer } from "../../../src/core/definition/pointer.ts";
import { corpusAgents } from "../../corpus/agents.ts";
import { type Broken, brokenWorkflows, kinds } from "../../corpus/broken.ts";
import { createChecker } from "./checker.ts";

const SEED = 20_260_301;
const PER_KIND = 12;
const broken = brokenWorkflows(SEED, PER_KIND);
const checker = createChecker(corpusAgents);
afterAll(() => checker.close());

test("the corpus of broken workflows is large, and no two are the same", () => {
  expect(kinds.length).toBeGreaterThanOrEqual(20);
  expect(new Set(broken.map(({ text }) => text)).size).toBe(broken.length);
  expect(broken.length).toBeGreaterThanOrEqual(300);
  for (const kind of kinds) expect([kind, broken.some((one) => one.kind === kind)]).toEqual([kind, true]);
});

test("at least 95 % of them are refused when they are saved, at the right place", async () => {
  const missed: string[] = [];
  let refused = 0;
  for (const one of broken) {
    const { errors } = await checker.check(one.text);
    if (errors.length > 0) refused++;
    if (!errors.some((error) => isThere(one, error)))
      missed.push(`${one.kind}, ${one.file}, ${one.at}: ${errors.map(shown).join("; ") || "not refused"}`);
  }
  const share = 1 - missed.length / broken.length;
  console.log(
    [
      `${broken.length} broken workflows of ${kinds.length} kinds (seed ${SEED}): ${refused} refused,`,
      `${broken.length - missed.length} of them at the right place (${(share * 100).toFixed(1)} %)`,
      ...missed.map((line) => `\n  missed: ${line}`),
    ].join(" "),
  );
  expect(share).toBeGreaterThanOrEqual(0.95);
});

/** On the line that was changed, at what was changed or within it, or at the key around it. */
function isThere({ at, text, file }: Broken, { path, line }: Diagnostic): boolean {
  if (typeof at === "number") return Math.abs(line - at) <= 1;
  if (path === at || path === parentPointer(at) || path.startsWith(`${at}/`)) return true;
  const { locate } = readDefinition({ text, file, format: "yaml" });
  return locate(at).line === line || locate(at, "key").line === line;
}

function shown({ code, line, path }: Diagnostic): string {
  return `${code} ${line} ${path}`;
}
