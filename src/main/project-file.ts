import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { decodeText } from "../adapters/files/decode.ts";
import { parseSource } from "../adapters/files/yaml.ts";
import { usage } from "../cli/errors.ts";
import { type Project, type ReadProject, readSettings } from "../cli/project.ts";
import { type Diagnostic, placed } from "../core/definition/diagnostic.ts";

const FILE = "station.yaml";

/**
 * The nearest `station.yaml` from a folder upwards to the root of its repository. Outside of one only the folder's own:
 * what lies further up may be anybody's.
 */
export function projectOf(folder: string): ReadProject {
  return () => {
    const path = fileAbove(folder);
    return path === null ? null : read(path, relative(folder, path));
  };
}

function fileAbove(folder: string): string | null {
  const root = above(folder, (at) => existsSync(join(at, ".git"))) ?? folder;
  const holder = above(folder, (at) => at === root || isFile(join(at, FILE)));
  const path = holder && join(holder, FILE);
  return path && isFile(path) ? path : null;
}

/** The nearest folder, this one or above it, that is what is looked for. */
function above(folder: string, isIt: (at: string) => boolean): string | null {
  if (isIt(folder)) return folder;
  const parent = dirname(folder);
  return parent === folder ? null : above(parent, isIt);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function read(path: string, file: string): Project {
  const decoded = decodeText(readFileSync(path));
  if ("problem" in decoded) throw wrong(file, [decoded.problem]);
  const { value, diagnostics, locate } = parseSource(decoded.text, "yaml");
  if (value === undefined) throw wrong(file, diagnostics);
  const { settings, issues } = readSettings(value);
  if (issues.length > 0) throw wrong(file, placed(issues, locate));
  return { file, ...settings };
}

function wrong(file: string, diagnostics: readonly Diagnostic[]) {
  const lines = diagnostics.map(
    ({ line, column, message, hint }) => `${file}:${line}:${column} ${message}${hint ? `\n  ${hint}` : ""}`,
  );
  return usage(lines.join("\n"));
}
