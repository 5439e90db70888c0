import { Link } from "@tanstack/react-router";
import type { RunStatus } from "../../core/run/run.ts";
import type { Tone } from "../../core/view/status.ts";
import type { Activity } from "../../http/schemas/overview.ts";
import { count, plural, stretch } from "../format.ts";
import { besideOthers } from "../kit/beside.ts";
import { Panel } from "../kit/panel.tsx";
import { RUN_LIST_TABS, type RunListTab } from "../runs/run-list-search.ts";
import s from "./overview.module.css";

/** From the ground up. */
const PARTS: readonly { readonly tab: RunListTab; readonly tone: Tone }[] = [
  { tab: "completed", tone: "good" },
  { tab: "failed", tone: "bad" },
  { tab: "approval", tone: "person" },
  { tab: "signal", tone: "signal" },
  { tab: "running", tone: "work" },
  { tab: "paused", tone: "quiet" },
  { tab: "cancelled", tone: "quiet" },
];

const HOUR_MS = 3_600_000;

/** Runs by the hour they began in, and how they are by now; a bar or number leads to its runs. */
export function LastDay({ buckets }: { readonly buckets: Activity["buckets"] }) {
  const parts = PARTS.map((part) => ({
    ...part,
    perHour: buckets.map(({ counts }) =>
      sum(RUN_LIST_TABS[part.tab].statuses.map((status) => counts[status] ?? 0)),
    ),
  })).map((part) => ({ ...part, total: sum(part.perHour) }));
  const totals = buckets.map(({ counts }) => sum(Object.values(counts)));
  const most = Math.max(1, ...totals);
  const all = sum(totals);
  const lastHour = totals.findLastIndex((total) => total > 0);
  const shown = parts.filter(({ total }) => total > 0);
  return (
    <Panel title="Last 24 hours">
      <p className={s.total}>
        <b className="num">{count(all)}</b> {all === 1 ? "run" : "runs"}
        <SuccessRate buckets={buckets} />
      </p>
      <ul
        className={s.chart}
        aria-label={`Runs by hour: ${shown.map(({ tab, total }) => `${total} ${RUN_LIST_TABS[tab].label.toLowerCase()}`).join(", ") || "none"}`}
      >
        {buckets.map(({ at }, hour) => {
          const to = new Date(Date.parse(at) + HOUR_MS).toISOString();
          const bars = parts.filter(({ perHour }) => (perHour[hour] ?? 0) > 0);
          return (
            <li
              key={at}
              className={s.hour}
              title={`${hourOf(at)}: ${plural(totals[hour] ?? 0, "run")}`}
              aria-hidden={bars.length === 0 || undefined}
            >
              {bars.map(({ tab, tone, perHour }, index) => (
                <Link
                  key={tab}
                  to="/runs"
                  search={{ status: tab, from: at, to }}
                  className={s.bar}
                  data-tone={tone}
                  style={{ height: `${(100 * (perHour[hour] ?? 0)) / most}%` }}
                  aria-label={`${perHour[hour]} ${RUN_LIST_TABS[tab].label.toLowerCase()}, ${stretch(at, to)}`}
                  {...besideOthers(hour === lastHour && index === 0)}
                />
              ))}
            </li>
          );
        })}
      </ul>
      <div className={s.axis}>
        <span>{buckets[0] && hourOf(buckets[0].at)}</span>
        <span>now</span>
      </div>
      <ul className={s.legend}>
        {shown.map(({ tab, tone, total }) => (
          <li key={tab}>
            <Link to="/runs" search={{ status: tab, since: "24h" }} className={s.key}>
              <span className={s.swatch} data-tone={tone} aria-hidden />
              {RUN_LIST_TABS[tab].label}
              <b className="num">{count(total)}</b>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Of what came to an end by itself. */
function SuccessRate({ buckets }: { readonly buckets: Activity["buckets"] }) {
  const of = (...statuses: RunStatus[]) =>
    sum(buckets.flatMap(({ counts }) => statuses.map((status) => counts[status] ?? 0)));
  const well = of("COMPLETED");
  const ended = of("COMPLETED", "FAILED", "TIMED_OUT");
  return ended > 0 && <span className={s.rate}>{((100 * well) / ended).toFixed(1)} % succeeded</span>;
}

function hourOf(at: string): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
