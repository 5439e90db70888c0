import { RotateCcw } from "lucide-react";
import { ROOT } from "../../core/run/ids.ts";
import type { Approval, Run, StepError } from "../../core/run/run.ts";
import { statusOf } from "../../core/run/run.ts";
import { againstOutput } from "../../core/view/against-output.ts";
import { waitsFor } from "../../core/view/question-of.ts";
import type { ShownStatus } from "../../core/view/status.ts";
import { useConnection } from "../connection.ts";
import { duration } from "../format.ts";
import { keyOf, useKeys } from "../keys.ts";
import { Button } from "../kit/button.tsx";
import { CopyButton } from "../kit/copy-button.tsx";
import { Time } from "../kit/time.tsx";
import { TraceLink } from "../kit/trace-link.tsx";
import { Why } from "../kit/why.tsx";
import { lookOf } from "../status.ts";
import s from "./banner.module.css";
import { Banner } from "./banner.tsx";
import { RerunFrom } from "./dialogs/rerun-from.tsx";
import { FailedLog } from "./failed-log.tsx";
import { RunResult } from "./run-result.tsx";
import { type RunView, useRunSearch } from "./use-view.ts";

/** One sentence on how the run stands: why it does not move, what it came to, or that the past is shown. */
export function RunBanner({
  view,
  blockedOn,
  traceId,
}: {
  readonly view: RunView;
  readonly blockedOn: string | null;
  readonly traceId: string | undefined;
}) {
  const { run, isPast, n, history, now } = view;
  const { change } = useRunSearch();
  const { is } = useConnection();
  if (isPast)
    return (
      <Banner
        status="WAITING_APPROVAL"
        icon={false}
        action={<Button onClick={() => change({ at: undefined })}>Back to live</Button>}
      >
        <b>
          Viewing event {n} of {history.seq}
        </b>{" "}
        – actions are off. It was {status(run)} then.
      </Banner>
    );
  const { lifecycle } = run;
  switch (lifecycle.status) {
    case "FAILED":
    case "TIMED_OUT":
      return <Failure view={view} error={lifecycle.error} traceId={traceId} />;
    case "CANCELLED":
      return (
        <Banner status="CANCELLED">
          <b>Cancelled by {actorOfLast(view)}</b> <Time at={lifecycle.at} />
          {lifecycle.reason ? `: ${lifecycle.reason}` : ""}
        </Banner>
      );
    case "COMPLETED":
      return (
        <RunResult
          output={lifecycle.output}
          took={duration(lifecycle.at - run.createdAt)}
          isPurged={view.purgedAt !== null}
          against={againstOutput(
            history.events.findLast(({ type }) => type === "run.completed")?.data["warnings"],
          )}
        />
      );
    case "PAUSED": {
      const paused = history.events.slice(0, n).findLast(({ type }) => type === "run.paused");
      return (
        <Banner status="PAUSED">
          <b>Paused by {paused?.actor ?? "nobody"}</b> <Time at={paused?.at ?? null} />
          {lifecycle.reason ? `: ${lifecycle.reason}` : ""}. Running steps finish, no new one starts.
        </Banner>
      );
    }
    case "PENDING":
    case "RUNNING": {
      const asked = Object.values(run.approvals).find((approval) => approval.status === "PENDING");
      if (asked)
        return (
          <Question
            approval={asked}
            now={now}
            onReview={() => change({ step: asked.stepId, tab: undefined })}
          />
        );
      if (!blockedOn || is === "reconnecting") return null;
      return (
        <Banner status={statusOf(run)}>
          <Why sentence={blockedOn} />
        </Banner>
      );
    }
  }
}

function Question({
  approval,
  now,
  onReview,
}: {
  readonly approval: Approval;
  readonly now: number;
  readonly onReview: () => void;
}) {
  const { expiresAt, message } = approval;
  const { who, votes } = waitsFor(approval);
  const left = expiresAt === null ? "" : ` – ${duration(expiresAt - now)} left`;
  // Where the question itself is shown, its own card answers the key.
  useKeys({ "approval.approve": onReview });
  return (
    <Banner
      status="WAITING_APPROVAL"
      action={
        <Button shortcut={keyOf("approval.approve")} onClick={onReview}>
          Review
        </Button>
      }
    >
      <b>
        Waiting for approval by {who} ({votes}){left}.
      </b>{" "}
      “{message}”
    </Banner>
  );
}

function Failure({
  view,
  error,
  traceId,
}: {
  readonly view: RunView;
  readonly error: StepError;
  readonly traceId: string | undefined;
}) {
  const { run, history } = view;
  const { change } = useRunSearch();
  const step = Object.values(run.steps).find(
    ({ state, progress }) =>
      state === error.state && (progress.status === "FAILED" || progress.status === "TIMED_OUT"),
  );
  const last = history.index.branches.get(ROOT)?.steps.at(-1);
  const attempts = step ? (history.index.steps.get(step.id)?.attempts.length ?? 0) : 0;
  const report = () =>
    [
      `Run ${run.id} of ${run.workflow.id} v${run.workflow.version} ${status(run)}`,
      `State: ${error.state ?? "–"}${attempts > 1 ? ` (${attempts} attempts)` : ""}`,
      `Error: ${error.code}: ${error.message}`,
      `Link: ${location.origin}/runs/${run.id}`,
      ...(traceId === undefined ? [] : [`Trace: ${traceId}`]),
    ].join("\n");
  return (
    <>
      <Banner
        status={run.lifecycle.status as ShownStatus}
        action={
          <>
            {step && <Button onClick={() => change({ step: step.id, tab: undefined })}>Show the step</Button>}
            {last && <RerunFrom view={view} state={last.state} />}
            <CopyButton text={report} label="Copy for an issue" />
          </>
        }
      >
        <b>
          {error.state ? `${error.state} failed` : lookOf(run.lifecycle.status as ShownStatus).word}
          {attempts > 1 ? ` after ${attempts} attempts` : ""}
        </b>
        : {error.message} <span className={s.code}>{error.code}</span>
        <span className={s.next}>
          <RotateCcw size={12} aria-hidden /> What next: mend the cause, then run it again from there, or from
          the start (R). <TraceLink traceId={traceId}>Open the trace</TraceLink>
        </span>
      </Banner>
      {step && (
        <FailedLog
          runId={run.id}
          stepId={step.id}
          onShowAll={() => change({ step: step.id, tab: "agent" })}
        />
      )}
    </>
  );
}

function status(run: Run): string {
  return lookOf(statusOf(run)).word.toLowerCase();
}

function actorOfLast({ history, n }: RunView): string {
  return history.events[n - 1]?.actor ?? "nobody";
}
