import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ShownStatus } from "../../../core/view/status.ts";
import { api } from "../../api.ts";
import { currentTime } from "../../clock.ts";
import { ago, duration, plural } from "../../format.ts";
import { StatusIcon } from "../../kit/badge.tsx";
import { Dialog } from "../../kit/dialog.tsx";
import { EmptyState } from "../../kit/empty-state.tsx";
import { ErrorPanel } from "../../kit/error-panel.tsx";
import { Field, Select } from "../../kit/field.tsx";
import { SkeletonRows } from "../../kit/skeleton.tsx";
import { wordOf } from "../../status.ts";
import { compareSteps, type StepTook } from "../model/compare.ts";
import { shortId } from "../short-id.ts";
import type { RunView } from "../use-view.ts";
import s from "./dialogs.module.css";

/** This run beside another of the same workflow: what each step came to, and how much longer it took. */
export function CompareDialog({ view, onClose }: { readonly view: RunView; readonly onClose: () => void }) {
  const { run, now } = view;
  const { id: workflowId, environment } = run.workflow;
  const [chosen, setChosen] = useState<string | null>(null);
  const others = useQuery({
    queryKey: ["runs", "compare", environment, workflowId],
    // One of the same name elsewhere is another workflow.
    queryFn: () => api.listRuns({ query: { workflowId, environment, limit: 50 } }),
  });
  const list = others.data?.items.filter(({ runId }) => runId !== run.id) ?? [];
  const before = list.find(({ createdAt }) => Date.parse(createdAt) < run.createdAt) ?? list[0];
  const original = run.rerunOf?.runId;
  const other = chosen ?? original ?? before?.runId ?? null;
  const steps = useQuery({
    queryKey: ["run", other, "steps"],
    queryFn: () => api.listSteps({ params: { runId: other ?? "" } }),
    enabled: other !== null,
  });
  const theirs: readonly StepTook[] = (steps.data?.items ?? []).map((step) => ({
    branch: step.branch,
    state: step.state,
    status: step.status as ShownStatus,
    ms: step.durationMs,
    isReused: step.reusedFrom !== null,
  }));
  const ours: readonly StepTook[] = Object.values(run.steps).map((step) => ({
    branch: step.branch,
    state: step.state,
    status: step.progress.status,
    ms: (step.finishedAt ?? now) - (step.startedAt ?? step.enteredAt),
    isReused: step.reusedFrom !== null,
  }));
  return (
    <Dialog open onClose={onClose} wide title="Compare with another run">
      {others.isError ? (
        <ErrorPanel what="The other runs could not be loaded" error={others.error} />
      ) : others.isSuccess && other === null ? (
        <EmptyState title="No other run">This is the only run of {workflowId}.</EmptyState>
      ) : (
        <>
          <Field label="With">
            {(ids) => (
              <Select {...ids} value={other ?? ""} onChange={(event) => setChosen(event.target.value)}>
                {original && !list.some(({ runId }) => runId === original) && (
                  <option value={original}>{shortId(original)} · the run it repeats</option>
                )}
                {list.map(({ runId, status, createdAt, workflowVersion }) => (
                  <option key={runId} value={runId}>
                    {shortId(runId)} · v{workflowVersion} · {wordOf(status)} ·{" "}
                    {ago(Date.parse(createdAt), currentTime())}
                    {runId === original && " · the run it repeats"}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {steps.data ? (
            <Differences ours={ours} theirs={theirs} />
          ) : steps.isError ? (
            <ErrorPanel what="Its steps could not be loaded" error={steps.error} />
          ) : (
            <SkeletonRows label="Loading" rows={4} />
          )}
          {other && (
            <Link
              to="/runs/$runId"
              params={{ runId: other }}
              search={{}}
              onClick={onClose}
              className={s.link}
            >
              Open {shortId(other)}
            </Link>
          )}
        </>
      )}
    </Dialog>
  );
}

const MOST_ROWS = 200;

function Differences({
  ours,
  theirs,
}: {
  readonly ours: readonly StepTook[];
  readonly theirs: readonly StepTook[];
}) {
  const rows = compareSteps(ours, theirs);
  return (
    <div className={s.diff}>
      <span className={s.head}>Step</span>
      <span className={`${s.head} ${s.end}`}>Other</span>
      <span className={`${s.head} ${s.end}`}>This</span>
      <span className={`${s.head} ${s.end}`}>Difference</span>
      {rows.slice(0, MOST_ROWS).map(({ key, title, mine, other, deltaMs }) => (
        <Row key={key} title={title} mine={mine} other={other} deltaMs={deltaMs} />
      ))}
      {rows.length > MOST_ROWS && (
        <span className={s.head}>and {plural(rows.length - MOST_ROWS, "more step")}</span>
      )}
    </div>
  );
}

function Row({
  title,
  mine,
  other,
  deltaMs,
}: {
  readonly title: string;
  readonly mine: StepTook | null;
  readonly other: StepTook | null;
  readonly deltaMs: number | null;
}) {
  const sign = deltaMs !== null && deltaMs > 0 ? "+" : "−";
  const isNotable = deltaMs !== null && Math.abs(deltaMs) > Math.max(1000, (other?.ms ?? 0) * 0.2);
  return (
    <>
      <span className={s.name}>
        {mine && <StatusIcon status={mine.status} />} {title}
      </span>
      <span className={s.end}>{lengthOf(other)}</span>
      <span className={s.end}>{lengthOf(mine)}</span>
      <span className={`${s.end} ${isNotable ? (deltaMs > 0 ? s.slower : s.faster) : ""}`}>
        {deltaMs === null ? "–" : `${sign}${duration(Math.abs(deltaMs))}`}
      </span>
    </>
  );
}

function lengthOf(step: StepTook | null): string {
  if (step === null) return "not taken";
  if (step.isReused) return "taken over";
  return step.ms === null ? "open" : duration(step.ms);
}
