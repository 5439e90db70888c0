import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import type { ShownStatus } from "../../../core/view/status.ts";
import { whyOf } from "../../../core/view/why.ts";
import { api } from "../../api.ts";
import { count, duration, plural } from "../../format.ts";
import { Note, StatusBadge, StatusIcon } from "../../kit/badge.tsx";
import { IconButton } from "../../kit/button.tsx";
import { ErrorPanel } from "../../kit/error-panel.tsx";
import { SkeletonRows } from "../../kit/skeleton.tsx";
import { Elapsed, Time } from "../../kit/time.tsx";
import { Why } from "../../kit/why.tsx";
import { shortId } from "../short-id.ts";
import s from "./list.module.css";

const MOST_STEPS = 100;
/** The steps of a longer history are not asked for: there are too many to be seen here. */
const MOST_EVENTS = 2000;

/** A run beside the list: how it stands, why it does not move, and what it did. */
export function RunPeek({ runId, onClose }: { readonly runId: string; readonly onClose: () => void }) {
  const params = { runId };
  const run = useQuery({ queryKey: ["runs", "peek", runId], queryFn: () => api.getRun({ params }) });
  const steps = useQuery({
    queryKey: ["runs", "peek", runId, "steps"],
    queryFn: () => api.listSteps({ params }),
    enabled: run.data !== undefined && run.data.seq <= MOST_EVENTS,
  });
  const { data } = run;
  const own = steps.data?.items.filter(({ branch }) => branch === "") ?? [];
  return (
    <aside className={s.peek} aria-label="Peek">
      <header className={s.peekHead}>
        <Link to="/runs/$runId" params={params} search={{}} className={s.peekId} title={runId}>
          {shortId(runId)}
        </Link>
        {data && <StatusBadge status={data.status} />}
        <IconButton icon={X} label="Close" shortcut="Esc" onClick={onClose} />
      </header>
      {run.isError ? (
        <ErrorPanel what="The run could not be loaded" error={run.error} onRetry={() => void run.refetch()} />
      ) : !data ? (
        <SkeletonRows label="Loading the run" rows={4} />
      ) : (
        <>
          <p className={s.peekWhy}>
            <Why sentence={whyOf(data) ?? (data.status === "COMPLETED" ? "It came to its end." : "")} />
          </p>
          <dl className={s.peekFacts}>
            <dt>Workflow</dt>
            <dd>
              {data.workflowId} v{data.workflowVersion}
            </dd>
            <dt>Started</dt>
            <dd>
              <Time at={data.createdAt} /> by {data.startedBy}
            </dd>
            <dt>Took</dt>
            <dd>
              <Elapsed
                from={Date.parse(data.createdAt)}
                until={data.finishedAt === null ? null : Date.parse(data.finishedAt)}
              />
            </dd>
          </dl>
          {data.purgedAt !== null && (
            <Note>
              purged <Time at={data.purgedAt} />
            </Note>
          )}
          {data.simulated && <Note>simulated – no model was called</Note>}
          {steps.isError && !steps.data && (
            <ErrorPanel
              what="Its steps could not be loaded"
              error={steps.error}
              onRetry={() => void steps.refetch()}
            />
          )}
          <ol className={s.steps} aria-label="Steps">
            {own.slice(0, MOST_STEPS).map((step) => (
              <li key={step.stepId} className={s.run}>
                <StatusIcon status={shownStatus(step)} />
                <Link
                  to="/runs/$runId"
                  params={params}
                  search={{ step: step.stepId }}
                  className={s.name}
                  title={step.state}
                >
                  {step.state}
                </Link>
                <span className="num">{step.durationMs === null ? "" : duration(step.durationMs)}</span>
              </li>
            ))}
            {data.seq > MOST_EVENTS && (
              <li className={s.faint}>{count(data.seq)} events: open the run to see its steps</li>
            )}
            {own.length > MOST_STEPS && (
              <li className={s.faint}>and {plural(own.length - MOST_STEPS, "step")}</li>
            )}
          </ol>
        </>
      )}
    </aside>
  );
}

/** A signal's step that goes on waits for it. */
function shownStatus({ type, status }: { readonly type: string; readonly status: string }): ShownStatus {
  return type === "signal" && status === "RUNNING" ? "WAITING_SIGNAL" : (status as ShownStatus);
}
