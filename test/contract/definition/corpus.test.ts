import { readdirSync, readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { corpusAgents } from "../../corpus/agents.ts";
import { createChecker } from "./checker.ts";

const folder = new URL("../../corpus/valid/", import.meta.url);
const files = readdirSync(folder);
const checker = createChecker(corpusAgents);
afterAll(() => checker.close());

test.each(files)("%s is valid, and nothing at all is said of it", async (file) => {
  const { errors, warnings } = await checker.check(readFileSync(new URL(file, folder), "utf8"));
  expect([...errors, ...warnings]).toEqual([]);
});

test("there are enough of them to mean something", () => expect(files.length).toBeGreaterThanOrEqual(60));
