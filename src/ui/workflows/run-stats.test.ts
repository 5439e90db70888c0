import { expect, test } from "vitest";
import type { RunRow } from "../../http/schemas/runs.ts";
import { endedWords, runStats } from "./run-stats.ts";

const NOW = Date.parse("2026-11-24T10:00:00.000Z");
const run = (createdAt: string, status: RunRow["status"], seconds: number | null): RunRow => ({
  runId: "run_1",
  workflowId: "w",
  workflowVersion: 1,
  environment: "default",
  status,
  labels: {},
  startedBy: "user:ann",
  createdAt,
  startedAt: createdAt,
  finishedAt: seconds === null ? null : new Date(Date.parse(createdAt) + seconds * 1000).toISOString(),
  simulated: false,
});

test("runs are counted on their day, and only those that completed say how long it takes", () => {
  const stats = runStats(
    [
      run("2026-11-24T09:00:00.000Z", "COMPLETED", 10),
      run("2026-11-24T08:00:00.000Z", "TIMED_OUT", 999),
      run("2026-11-23T08:00:00.000Z", "RUNNING", null),
      run("2026-11-23T07:00:00.000Z", "COMPLETED", 30),
      run("2026-11-01T07:00:00.000Z", "COMPLETED", 20),
    ],
    NOW,
    2,
  );
  expect(stats).toEqual({
    days: [
      { date: "2026-11-23", completed: 1, failed: 0, other: 1 },
      { date: "2026-11-24", completed: 1, failed: 1, other: 0 },
    ],
    p50Ms: 20_000,
    p95Ms: 30_000,
  });
});

test("without runs nothing is claimed, and what people ended does not count against a workflow", () => {
  expect(runStats([], NOW, 1)).toMatchObject({ p50Ms: null, p95Ms: null });
  const ended = { completed: 3, failed: 1, rejected: 0, cancelled: 0 };
  expect(endedWords(ended)).toBe("3 completed, 1 failed");
  expect(endedWords({ ...ended, rejected: 2, cancelled: 9 })).toBe(
    "3 completed, 1 failed; not counted: 2 rejected, 9 cancelled",
  );
});
