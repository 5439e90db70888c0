import { Link } from "@tanstack/react-router";
import type { WorkflowRow } from "../../http/schemas/workflows.ts";
import { plural } from "../format.ts";
import { lookOf } from "../status.ts";
import s from "./sparkline.module.css";

const MOST = 14;
const TALLEST_PX = 20;
const SMALLEST_PX = 5;

/** A workflow's last runs, the newest right: how each ended, and how long it took beside the others. Leads to them. */
export function Sparkline({ workflow: { id, environment, lastRuns } }: { readonly workflow: WorkflowRow }) {
  if (lastRuns.length === 0) return <span className={s.none}>never run</span>;
  const took = lastRuns.map(({ createdAt, finishedAt }) =>
    finishedAt === null ? 0 : Date.parse(finishedAt) - Date.parse(createdAt),
  );
  const longest = Math.max(1, ...took);
  return (
    <Link
      to="/workflows/$workflowId"
      params={{ workflowId: id }}
      search={{ environment, tab: "runs" }}
      className={s.runs}
      aria-label={`Last ${plural(lastRuns.length, "run")}: ${wordsOf(lastRuns)}`}
      title={wordsOf(lastRuns)}
    >
      {Array.from({ length: MOST - lastRuns.length }, (_, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: runs that never were
        <i key={place} />
      ))}
      {lastRuns
        .map(({ runId, status, finishedAt }, index) => (
          <i
            key={runId}
            data-tone={lookOf(status).tone}
            data-open={finishedAt === null || undefined}
            style={{
              height:
                finishedAt === null
                  ? TALLEST_PX
                  : SMALLEST_PX + ((took[index] ?? 0) / longest) * (TALLEST_PX - SMALLEST_PX),
            }}
          />
        ))
        .reverse()}
    </Link>
  );
}

/** `12 completed, 1 failed, 1 running`. */
function wordsOf(runs: WorkflowRow["lastRuns"]): string {
  return [...Map.groupBy(runs, ({ status }) => status)]
    .map(([status, of]) => `${of.length} ${lookOf(status).word.toLowerCase()}`)
    .join(", ");
}
