import { expect, test } from "vitest";
import { churn } from "../../support/churn.ts";
import { migrationsDir } from "./subject.ts";

test("20,000 steps that come and go leave a file of little more than what is in it, and nobody waits while they go", async () => {
  const found = await churn(20_000, migrationsDir);
  process.stderr.write(`churn: ${JSON.stringify(found)}\n`);
  expect(found.archivedRuns).toBe(1800);
  expect(found.fileBytes / found.liveBytes).toBeLessThan(1.3);
  expect(found.walBytes).toBeLessThan(64 * 1024 * 1024);
  expect(found.slowestCommitMs).toBeLessThan(1000);
}, 120_000);
