import { Link } from "@tanstack/react-router";
import type { WorkflowRow } from "../../http/schemas/workflows.ts";
import { duration, plural } from "../format.ts";
import { besideOthers } from "../kit/beside.ts";
import { shortId } from "../runs/short-id.ts";
import { lookOf } from "../status.ts";
import s from "./sparkline.module.css";

const MOST = 14;
const TALLEST_PX = 20;
const SMALLEST_PX = 5;

/** A workflow's last runs, the newest right: how each ended, and how long it took beside the others. Each leads to its run. */
export function Sparkline({ workflow: { lastRuns } }: { readonly workflow: WorkflowRow }) {
  if (lastRuns.length === 0) return <span className={s.none}>never run</span>;
  const took = lastRuns.map(({ createdAt, finishedAt }) =>
    finishedAt === null ? 0 : Date.parse(finishedAt) - Date.parse(createdAt),
  );
  const longest = Math.max(1, ...took);
  return (
    <ul className={s.runs} aria-label={`Last ${plural(lastRuns.length, "run")}: ${wordsOf(lastRuns)}`}>
      {Array.from({ length: MOST - lastRuns.length }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: runs that never were
        <li key={place} className={s.never} aria-hidden />
      ))}
      {lastRuns
        .map((run, index) => (
          <li key={run.runId}>
            <Link
              to="/runs/$runId"
              params={{ runId: run.runId }}
              search={{}}
              className={s.run}
              aria-label={nameOf(run, took[index] ?? 0)}
              title={nameOf(run, took[index] ?? 0)}
              {...besideOthers(index === 0)}
            >
              <i
                data-tone={lookOf(run.status).tone}
                data-open={run.finishedAt === null || undefined}
                style={{
                  height:
                    run.finishedAt === null
                      ? TALLEST_PX
                      : SMALLEST_PX + ((took[index] ?? 0) / longest) * (TALLEST_PX - SMALLEST_PX),
                }}
              />
            </Link>
          </li>
        ))
        .reverse()}
    </ul>
  );
}

/** `Failed after 3.2 s, run_01k9…x2m4q8`. */
function nameOf({ runId, status, finishedAt }: WorkflowRow["lastRuns"][number], tookMs: number): string {
  return `${lookOf(status).word}${finishedAt === null ? "" : ` after ${duration(tookMs)}`}, ${shortId(runId)}`;
}

/** `12 completed, 1 failed, 1 running`. */
function wordsOf(runs: WorkflowRow["lastRuns"]): string {
  return [...Map.groupBy(runs, ({ status }) => status)]
    .map(([status, of]) => `${of.length} ${lookOf(status).word.toLowerCase()}`)
    .join(", ");
}
