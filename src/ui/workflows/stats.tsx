import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Workflow, WorkflowStatistics } from "../../http/schemas/workflows.ts";
import { api } from "../api.ts";
import { currentTime } from "../clock.ts";
import { count, duration, percent, plural } from "../format.ts";
import { StatusBadge } from "../kit/badge.tsx";
import { whyOf } from "../kit/error-panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { Time } from "../kit/time.tsx";
import { type Day, endedWords, runStats } from "./run-stats.ts";
import s from "./stats.module.css";
import { endedIn, flakiestOf, slowestOf, troubleText } from "./weakest.ts";

const DAYS = 30;
/** The chart is of so many runs; the totals are of all. */
const MOST_RUNS = 200;

/** How a workflow's runs of the last days went: how many, how well, how long, and each day. */
export function Stats({
  workflow: { id, environment },
  statistics,
}: {
  readonly workflow: Workflow;
  /** How its states did lately. */
  readonly statistics: WorkflowStatistics | undefined;
}) {
  const { data, isError, error } = useQuery({
    queryKey: ["runs", "stats", id, environment],
    queryFn: async () => {
      const now = currentTime();
      const startedAfter = new Date(now - DAYS * 86_400_000).toISOString();
      const filter = { workflowId: id, environment, startedAfter };
      const [{ counts }, { items, nextCursor }] = await Promise.all([
        api.countRuns({ query: filter }),
        api.listRuns({ query: { ...filter, limit: MOST_RUNS } }),
      ]);
      return { counts, last: items[0] ?? null, isPart: nextCursor !== null, ...runStats(items, now, DAYS) };
    },
  });
  if (isError && !data) return <p className={s.faint}>How it did is not known: {whyOf(error)}</p>;
  if (!data) return <SkeletonRows label="Loading how it did" rows={3} />;
  const { counts, last, days, p50Ms, p95Ms, isPart } = data;
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  if (!last) return <p className={s.faint}>It did not run.</p>;
  const rate = statistics?.successRate30d ?? null;
  return (
    <>
      <dl className={s.numbers}>
        <Figure name={total === 1 ? "run" : "runs"} value={count(total)} />
        <Figure
          name="succeeded"
          value={rate === null ? "–" : percent(rate)}
          title={statistics && endedWords(statistics.ended30d)}
        />
        <Figure name="half within" value={p50Ms === null ? "–" : duration(p50Ms)} />
        <Figure name="95 % within" value={p95Ms === null ? "–" : duration(p95Ms)} />
      </dl>
      <Chart days={days} />
      {isPart && <p className={s.faint}>Chart and durations are of the last {MOST_RUNS} runs.</p>}
      <Weakest statistics={statistics} />
      <p className={s.last}>
        Last:{" "}
        <Link to="/runs/$runId" params={{ runId: last.runId }} search={{}}>
          <StatusBadge status={last.status} />
        </Link>{" "}
        <Time at={last.createdAt} />
      </p>
    </>
  );
}

/** The steps that are worth looking at first. */
function Weakest({ statistics }: { readonly statistics: WorkflowStatistics | undefined }) {
  const states = endedIn(statistics?.states ?? []);
  const slowest = slowestOf(states);
  const flakiest = flakiestOf(states);
  return (
    <>
      {slowest && (
        <p className={s.last}>
          Slowest step: <b>{slowest.state}</b> {duration(slowest.p50Ms)}
        </p>
      )}
      {flakiest && (
        <p className={s.last}>
          Flakiest: <b>{flakiest.state}</b> {troubleText(flakiest)}
        </p>
      )}
    </>
  );
}

function Figure({
  name,
  value,
  title,
}: {
  readonly name: string;
  readonly value: string;
  readonly title?: string | undefined;
}) {
  return (
    <div title={title}>
      <dd className="num">{value}</dd>
      <dt>{name}</dt>
    </div>
  );
}

/** A bar a day, failures at its foot. */
function Chart({ days }: { readonly days: readonly Day[] }) {
  const most = Math.max(1, ...days.map(sizeOf));
  return (
    <div className={s.chart} role="img" aria-label={labelOf(days)}>
      {days.map((day) => (
        <span key={day.date} className={s.day} title={titleOf(day)}>
          <i data-tone="quiet" style={{ flexGrow: day.other }} />
          <i data-tone="good" style={{ flexGrow: day.completed }} />
          <i data-tone="bad" style={{ flexGrow: day.failed }} />
          <i style={{ flexGrow: most - sizeOf(day), order: -1 }} />
        </span>
      ))}
    </div>
  );
}

function sizeOf({ completed, failed, other }: Day): number {
  return completed + failed + other;
}

function titleOf(day: Day): string {
  return `${day.date}: ${plural(sizeOf(day), "run")}${day.failed > 0 ? `, ${day.failed} failed` : ""}`;
}

function labelOf(days: readonly Day[]): string {
  const failed = days.reduce((sum, day) => sum + day.failed, 0);
  const busy = days.filter((day) => sizeOf(day) > 0).length;
  return `Runs per day: on ${plural(busy, "day")} of ${days.length}, ${failed} failed`;
}
