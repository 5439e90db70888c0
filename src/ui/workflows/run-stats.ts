import type { RunRow } from "../../http/schemas/runs.ts";
import type { WorkflowRow } from "../../http/schemas/workflows.ts";

/** The runs of one day (UTC), as they ended. */
export type Day = {
  /** `2026-11-24`. */
  readonly date: string;
  readonly completed: number;
  readonly failed: number;
  readonly other: number;
};

export type RunStats = {
  readonly days: readonly Day[];
  /** Of completed runs, in ms; null without any. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
};

const DAY_MS = 86_400_000;

/** What the runs of the last `count` days say, today last. */
export function runStats(runs: readonly RunRow[], now: number, count: number): RunStats {
  const byDay = Map.groupBy(runs, ({ createdAt }) => createdAt.slice(0, 10));
  const days = Array.from({ length: count }, (_, index) => {
    const date = new Date(now - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    const of = byDay.get(date) ?? [];
    const completed = of.filter(({ status }) => status === "COMPLETED").length;
    const failed = of.filter(({ status }) => status === "FAILED" || status === "TIMED_OUT").length;
    return { date, completed, failed, other: of.length - completed - failed };
  });
  const took = runs
    .flatMap(({ status, createdAt, finishedAt }) =>
      status === "COMPLETED" && finishedAt !== null ? [Date.parse(finishedAt) - Date.parse(createdAt)] : [],
    )
    .sort((a, b) => a - b);
  return { days, p50Ms: quantile(took, 0.5), p95Ms: quantile(took, 0.95) };
}

/** What the success rate is of: "12 completed, 1 failed; not counted: 2 rejected". */
export function endedWords({ completed, failed, rejected, cancelled }: WorkflowRow["ended30d"]): string {
  const others = [rejected > 0 && `${rejected} rejected`, cancelled > 0 && `${cancelled} cancelled`].filter(
    Boolean,
  );
  return `${completed} completed, ${failed} failed${others.length > 0 ? `; not counted: ${others.join(", ")}` : ""}`;
}

function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
