import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { createLog } from "./log.ts";

const applied = Array.from({ length: 35 }, (_, index) => `00${index}_some.sql`);

function linesOf(format: "json" | "pretty"): readonly string[] {
  const lines: string[] = [];
  const log = createLog({ level: "info", format }, (line) => lines.push(stripVTControlCharacters(line)));
  log.info("database migrated", { migrations: applied });
  log.error("files not taken", { files: applied });
  return lines;
}

test("a long list of what went well is short for people, and whole where something is wrong and for programs", () => {
  const [well = "", wrong = ""] = linesOf("pretty");
  expect(well.slice(13)).toBe("info  database migrated migrations=000_some.sql … 0034_some.sql (35)\n");
  expect(wrong).toContain(JSON.stringify(applied));
  for (const line of linesOf("json")) expect(line).toContain(JSON.stringify(applied));
});
