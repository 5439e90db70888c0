import type { StoreFigures } from "../../engine/ports/queries.ts";
import type { Backlog } from "../../engine/ports/queue.ts";

/** How much there is to do, and who does it. */
export type Load = {
  /** Tasks that wait for a worker or are in one's hands. */
  readonly backlog: number;
  /** Processes that execute steps. */
  readonly workers: number;
  /** How long the oldest of what nobody has taken has waited, in milliseconds. */
  readonly oldestMs: number;
};

/** What waits is counted by the database: the queue has several messages of what has waited long. */
export function loadOf({ waiting, workers, oldestDueMs }: StoreFigures, backlog: Backlog): Load {
  return {
    backlog: waiting + backlog.inHand,
    workers,
    oldestMs: Math.max(oldestDueMs, backlog.oldestMs ?? 0),
  };
}

const METRICS = [
  { Name: "Backlog", Unit: "Count" },
  { Name: "BacklogPerWorker", Unit: "Count" },
  { Name: "OldestTask", Unit: "Seconds" },
  { Name: "Workers", Unit: "Count" },
] as const;

type Values = Readonly<Record<(typeof METRICS)[number]["Name"], number>>;

/**
 * The load at a time as a log line in CloudWatch's embedded metric format: where the log ends in CloudWatch, metrics are
 * made of it, in the namespace `Station` and by `station`. Where nobody works a worker is counted, so that the ratio still
 * says how many are missing. Source: CloudWatch's "Specification: Embedded metric format".
 */
export function metricLine(station: string, at: number, { backlog, workers, oldestMs }: Load): string {
  const values: Values = {
    Backlog: backlog,
    BacklogPerWorker: backlog / Math.max(1, workers),
    OldestTask: oldestMs / 1000,
    Workers: workers,
  };
  const directive = { Namespace: "Station", Dimensions: [["station"]], Metrics: METRICS };
  return JSON.stringify({
    ...{ time: new Date(at).toISOString(), level: "info", message: "load", station, ...values },
    _aws: { Timestamp: at, CloudWatchMetrics: [directive] },
  });
}
