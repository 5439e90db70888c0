import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One numbered step of the schema. */
export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  /** Programs that do not know it may go on working, and start. */
  readonly spares: boolean;
  readonly statements: readonly string[];
};

/** A line of a migration that only adds what older programs can pass over. */
const SPARES = /^-- Older programs may go on\.$/m;

/** Reads `0001_name.sql`, `0002_…` from a folder. Throws when a number is missing or taken twice. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  if (names.length === 0)
    throw new Error(`no migrations in ${folder}; was the program installed without them?`);
  return Promise.all(
    names.map(async (name, index) => {
      const version = Number(name.slice(0, 4));
      if (version !== index + 1)
        throw new Error(`migration ${name} in ${folder} is out of order; number ${index + 1} was expected`);
      const text = await readFile(join(folder, name), "utf8");
      return {
        ...{ version, name, checksum: checksumOf(text) },
        spares: SPARES.test(text),
        statements: statementsIn(text),
      };
    }),
  );
}

/** Line ends do not count: a checkout may change them. */
function checksumOf(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

/** A migration's statements end with ";" at the end of a line; comments are dropped. */
function statementsIn(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => !line.trimStart().startsWith("--"))
    .join("\n")
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}
