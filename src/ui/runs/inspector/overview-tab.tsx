import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { isObject } from "../../../core/json.ts";
import type { Step } from "../../../core/run/run.ts";
import { questionOf } from "../../../core/view/question-of.ts";
import { api } from "../../api.ts";
import { count, dollars, duration } from "../../format.ts";
import { Note, StatusIcon } from "../../kit/badge.tsx";
import { JsonTree } from "../../kit/json-tree.tsx";
import { Time } from "../../kit/time.tsx";
import { TraceLink } from "../../kit/trace-link.tsx";
import { useSystem } from "../../system.ts";
import { endAsOf } from "../model/index-events.ts";
import { noteOfExit } from "../model/switch-note.ts";
import { Purged } from "../purged.tsx";
import { shortId } from "../short-id.ts";
import s from "./inspector.module.css";
import type { Inspected } from "./inspector.tsx";
import { Question } from "./question.tsx";
import { SchemaChecks } from "./schema-checks.tsx";
import { useAgentRuns } from "./use-transcripts.ts";

/** A step in short: the question it asks, its attempts with what went wrong, and what came out. */
export function OverviewTab(inspected: Inspected) {
  const { view, step, trail, state } = inspected;
  const { run, n } = view;
  const approval = questionOf(run, step);
  const note = noteOfExit(view.history, trail, n);
  const waits = waitingOf(step);
  return (
    <div className={s.body}>
      {approval && <Question approval={approval} view={view} />}
      <dl className={s.facts}>
        <dt>Began</dt>
        <dd>
          +{duration(trail.at - run.createdAt)} · <Time at={trail.at} />
        </dd>
        {step.deadline !== null && step.finishedAt === null && (
          <>
            <dt>Times out</dt>
            <dd>
              <Time at={step.deadline} />
            </dd>
          </>
        )}
        {waits && (
          <>
            <dt>Waits for</dt>
            <dd>{waits}</dd>
          </>
        )}
        {note && (
          <>
            <dt>Went on</dt>
            <dd className="mono">{note}</dd>
          </>
        )}
        {state?.resultPath && (
          <>
            <dt>Result goes to</dt>
            <dd className="mono">{state.resultPath}</dd>
          </>
        )}
        {step.reusedFrom !== null && run.rerunOf && (
          <>
            <dt>Taken over</dt>
            <dd>
              from{" "}
              <Link
                to="/runs/$runId"
                params={{ runId: run.rerunOf.runId }}
                search={{ step: step.reusedFrom }}
                className={s.link}
              >
                {shortId(run.rerunOf.runId)}
              </Link>
              : nothing was done here
            </dd>
          </>
        )}
        {step.calledRunId && (
          <>
            <dt>Runs</dt>
            <dd>
              <Link to="/runs/$runId" params={{ runId: step.calledRunId }} search={{}} className={s.link}>
                {shortId(step.calledRunId)}
              </Link>
            </dd>
          </>
        )}
        <SchemaChecks {...inspected} />
        {step.agentRunId && (
          <>
            <dt>Agent run</dt>
            <dd className="mono">{step.agentRunId}</dd>
            <Used {...inspected} />
          </>
        )}
        <Traced runId={run.id} />
      </dl>
      <Attempts {...inspected} />
      {step.validation !== undefined && (
        <div>
          <p className={s.label}>Output check</p>
          <div className={s.warning}>
            {isObject(step.validation) && step.validation.code === "OUTPUT_TRUNCATED"
              ? "OUTPUT_TRUNCATED: the model reached its limit of tokens before it was done. The run goes on."
              : "SCHEMA_VALIDATION_OUTPUT: the output does not match the agent’s schema. The run goes on."}
          </div>
          <JsonTree value={step.validation} name="schema check" />
        </div>
      )}
      <Result step={step} purgedAt={view.purgedAt} />
    </div>
  );
}

/** The way to the run's trace, where there is one: its spans are those of the steps. */
function Traced({ runId }: { readonly runId: string }) {
  const isLed = (useSystem().data?.traceUrl ?? null) !== null;
  const { data } = useQuery({
    queryKey: ["run", runId],
    queryFn: () => api.getRun({ params: { runId } }),
    enabled: isLed,
    staleTime: 30_000,
  });
  if (!isLed || !data) return null;
  return (
    <>
      <dt>Trace</dt>
      <dd className="mono">
        <TraceLink traceId={data.traceId}>{data.traceId}</TraceLink>
      </dd>
    </>
  );
}

/** What the models took of a step that came to its end, where any was called. */
function Used({ view, step, trail }: Inspected) {
  const isAsked = step.progress.status === "SUCCEEDED" && trail.attempts.at(-1)?.simulated === false;
  const { data } = useAgentRuns(view.run.id, step.id, { enabled: isAsked });
  const used = isAsked ? (data?.items ?? []).map(({ usage }) => usage) : [];
  const tokens = used.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
  const costUsd = used.reduce((sum, usage) => sum + usage.costUsd, 0);
  if (tokens === 0) return null;
  return (
    <>
      <dt>Used</dt>
      <dd>
        {count(tokens)} tokens{costUsd > 0 && ` · ${dollars(costUsd)}`}
      </dd>
    </>
  );
}

function Attempts({ view, step, trail }: Inspected) {
  const { n, now } = view;
  const attempts = trail.attempts.filter(({ seq }) => seq <= n);
  return attempts.map((attempt) => {
    const end = endAsOf(attempt, n);
    const error = end === null ? null : attempt.error;
    const isLast = attempt === attempts.at(-1);
    const status =
      end === null
        ? isLast
          ? "RUNNING"
          : "CANCELLED"
        : error
          ? "FAILED"
          : step.progress.status === "CANCELLED"
            ? "CANCELLED"
            : "SUCCEEDED";
    return (
      <div key={attempt.seq} className={s.attempt}>
        <div className={s.attemptHead}>
          <StatusIcon status={status} />
          Attempt {attempt.number}
          {attempt.simulated && <Note>simulated</Note>}
          <span className="num" title={attempt.by}>
            {duration((end ?? now) - attempt.at)}
          </span>
        </div>
        {error && (
          <p className={s.error}>
            {error.code}: {error.message}
          </p>
        )}
        {error && attempt.retryAt !== null && end !== null && (
          <p className={s.quiet}>Tried again after {duration(attempt.retryAt - end)}.</p>
        )}
      </div>
    );
  });
}

function Result({ step, purgedAt }: { readonly step: Step; readonly purgedAt: number | null }) {
  const { progress } = step;
  switch (progress.status) {
    case "SUCCEEDED":
      return (
        <div>
          <p className={s.label}>Output</p>
          {purgedAt === null ? (
            <JsonTree value={progress.output} name="output" />
          ) : (
            <p className={s.quiet}>
              <Purged at={purgedAt}>It was</Purged>
            </p>
          )}
        </div>
      );
    case "FAILED":
    case "TIMED_OUT":
      return step.attempt > 0 && progress.error.details === undefined ? null : (
        <div>
          <p className={s.label}>Error</p>
          {step.attempt === 0 && (
            <p className={s.error}>
              {progress.error.code}: {progress.error.message}
            </p>
          )}
          {progress.error.details !== undefined && <JsonTree value={progress.error.details} name="details" />}
        </div>
      );
    case "PENDING":
    case "RUNNING":
    case "WAITING_APPROVAL":
    case "CANCELLED":
      return null;
  }
}

function waitingOf({ progress }: Step): ReactNode {
  if (progress.status === "PENDING")
    return progress.error ? (
      <>
        the next attempt, <Time at={progress.dueAt} />
      </>
    ) : (
      "a worker"
    );
  if (progress.status !== "RUNNING" || !("waiting" in progress)) return null;
  const { waiting } = progress;
  switch (waiting.for) {
    case "children":
      return "its branches";
    case "timer":
      return <Time at={waiting.dueAt} />;
    case "signal":
      return `the signal “${waiting.name}”`;
    case "run":
      return `run ${waiting.runId}`;
  }
}
