import { expect, it } from "vitest";
import type { StoreFigures } from "../../engine/ports/queries.ts";
import { loadOf, metricLine } from "./cloudwatch.ts";

const figures = { waiting: 30, workers: 4, oldestDueMs: 1_500 } as StoreFigures;

it("counts what workers hold as well, and takes the longer wait of database and queue", () => {
  const backlog = { pending: 90, oldestMs: 9_000, inHand: 10, redelivered: 2 };
  expect(loadOf(figures, backlog)).toEqual({ backlog: 40, workers: 4, oldestMs: 9_000 });
  expect(loadOf(figures, { ...backlog, oldestMs: null })).toMatchObject({ oldestMs: 1_500 });
});

it("is a log line in which each metric that it names has a number", () => {
  const line = JSON.parse(
    metricLine("prod", 1_700_000_000_000, { backlog: 40, workers: 4, oldestMs: 9_000 }),
  );
  expect(line).toMatchObject({
    ...{ time: "2023-11-14T22:13:20.000Z", level: "info", message: "load", station: "prod" },
    ...{ Backlog: 40, BacklogPerWorker: 10, OldestTask: 9, Workers: 4 },
  });
  const [{ Metrics, Dimensions }] = line._aws.CloudWatchMetrics;
  expect(line._aws.Timestamp).toBe(1_700_000_000_000);
  for (const { Name } of Metrics) expect([Name, typeof line[Name]]).toEqual([Name, "number"]);
  for (const [dimension] of Dimensions) expect(typeof line[dimension]).toBe("string");
});

it("says how many workers are missing where none is there", () => {
  const line = JSON.parse(metricLine("prod", 0, { backlog: 40, workers: 0, oldestMs: 0 }));
  expect(line).toMatchObject({ BacklogPerWorker: 40, Workers: 0 });
});
