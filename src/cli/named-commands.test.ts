import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { expect, it } from "vitest";
import type { CliDeps } from "./deps.ts";
import { createProgram } from "./program.ts";
import { memoryTerminal } from "./terminal/memory-terminal.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const deps: Partial<CliDeps> = { terminal: memoryTerminal({}), version: "0.1.0" };
const { command: stn } = createProgram(deps as CliDeps);

/** What there is not of a command as it is written: a command or an option. */
function missingIn(text: string): readonly string[] {
  const words = text.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  const parents: Command[] = [stn];
  for (const word of words) {
    const next = parents.at(-1)?.commands.find((child) => child.name() === word);
    if (!next) break;
    parents.push(next);
  }
  const command = parents.at(-1) ?? stn;
  // One of its commands may be what it does without being told.
  const options = [...parents, ...command.commands].flatMap((one) => one.options);
  const unknown = words
    .map((word) => word.replace(/[=.,:…].*$/, ""))
    .filter(
      (word) => /^--?[a-z]/.test(word) && !options.some(({ short, long }) => [short, long].includes(word)),
    );
  return command === stn ? [words[0] ?? "", ...unknown] : unknown;
}

it("knows every command, with its options, that a page, an example or a message tells people to type", () => {
  const listed = execFileSync("git", ["ls-files", "*.md", "*.yaml", "*.yml", "*.prompt", "src"], {
    cwd: root,
    encoding: "utf8",
  });
  const told = listed
    .trim()
    .split("\n")
    .filter((file) => /\.(?:md|ya?ml|prompt|tsx?)$/.test(file) && !file.includes(".test."))
    .flatMap((file) =>
      [...readFileSync(root + file, "utf8").matchAll(/`stn ([a-z][^`$\\]*)`/g)].map(([, text = ""]) => ({
        file,
        text,
      })),
    );
  expect(told.length).toBeGreaterThan(60);
  expect(told.filter(({ text }) => missingIn(text).length > 0)).toEqual([]);
});
