import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { statusOf } from "../../core/run/run.ts";
import { ApiError } from "../../http/client/errors.ts";
import { useKeys } from "../keys.ts";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { PageHeader } from "../kit/page.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { useStatusTitle } from "../shell/title.ts";
import { offerToConsole } from "./console.ts";
import { Inspector } from "./inspector/inspector.tsx";
import { useSplit } from "./inspector/use-split.ts";
import { newsOf } from "./model/news.ts";
import { mostTelling, NO_FOLDING, outlineOf } from "./model/outline.ts";
import { PurgedNote } from "./purged.tsx";
import { ReplayBar } from "./replay-bar.tsx";
import { RunBanner } from "./run-banner.tsx";
import { RunFacts } from "./run-facts.tsx";
import { RunHeader } from "./run-header.tsx";
import s from "./run-page.module.css";
import { RUN_VIEWS } from "./run-search.ts";
import { Timeline } from "./timeline/timeline.tsx";
import { useFolding } from "./timeline/use-folding.ts";
import { useHistory } from "./use-history.ts";
import { type RunView, useRunNow, useRunSearch, useRunView } from "./use-view.ts";

const RunGraph = lazy(() =>
  import("./graph/run-graph.tsx").then(({ RunGraph: component }) => ({ default: component })),
);

const EventLog = lazy(() =>
  import("./event-log.tsx").then(({ EventLog: component }) => ({ default: component })),
);

/** `/runs/$runId`: one run, as of one event of it. */
export function RunPage() {
  const { runId } = useParams({ from: "/runs/$runId" });
  const { history, version, error, isCaughtUp } = useHistory(runId);
  const view = useRunView(runId, history, version, isCaughtUp);
  if (error) return <RunMissing runId={runId} error={error} />;
  if (!view || !history || (!isCaughtUp && history.seq < 3))
    return (
      <>
        <PageHeader crumbs={[{ label: "Runs", link: { to: "/runs" } }]} title={runId} mono />
        <SkeletonRows label="Loading the run" rows={12} />
      </>
    );
  return <RunOf view={view} isCaughtUp={isCaughtUp} key={runId} />;
}

function RunOf({ view, isCaughtUp }: { readonly view: RunView; readonly isCaughtUp: boolean }) {
  const { history, run, n, isPast, isOver } = view;
  const { search, change } = useRunSearch();
  const shown = search.view ?? "timeline";
  const now = useRunNow(run, history.seq, !isPast && isCaughtUp);
  const folding = useFolding();
  const split = useSplit();
  const rows = useMemo(
    () => (view.version >= 0 ? outlineOf(history, n, folding.folding) : []),
    [history, n, folding.folding, view.version],
  );
  // Without a choice, what matters most is selected; of the unfolded outline, so that it is found in a fold too.
  const [told, setTold] = useState<string>();
  const telling = useMemo(
    () =>
      view.version >= 0 && search.step === undefined
        ? mostTelling(outlineOf(history, n, NO_FOLDING), told)
        : null,
    [history, n, search.step, told, view.version],
  );
  if (telling && telling.key !== told) setTold(telling.key);
  const selected = search.step ?? telling?.key ?? null;
  useStatusTitle(statusOf(run), `${run.workflow.id} · ${run.id.slice(0, 12)}`);
  useKeys({
    "view.1": () => change({ view: undefined }),
    "view.2": () => change({ view: "graph" }),
    "view.3": () => change({ view: "events" }),
    "run.failure": () => {
      const first = mostTelling(rows.filter(({ status }) => status === "FAILED" || status === "TIMED_OUT"));
      if (first) change({ step: first.key });
    },
  });
  useEffect(() => offerToConsole(history), [history]);
  const [isGraphWarm, setGraphWarm] = useState(false);
  const warmGraph = () => {
    if (isGraphWarm) return;
    setGraphWarm(true);
    import("./graph/run-graph.tsx").then(({ warmUp }) => warmUp()).catch(() => {});
  };
  return (
    <div className={s.page} data-past={isPast || undefined}>
      <StaleNote />
      <RunHeader view={view} isWhole={isCaughtUp} />
      <RunFacts
        view={view}
        shown={shown}
        onShow={(next) => change({ view: next === RUN_VIEWS[0] ? undefined : next })}
        onPointAtGraph={warmGraph}
      />
      <p className="sr" role="status">
        {isCaughtUp && (isPast ? "You see the past of the run" : newsOf(run))}
      </p>
      <PurgedNote at={view.purgedAt} />
      <RunBanner view={view} blockedOn={now.data?.blockedOn ?? null} traceId={now.data?.traceId} />
      <div className={s.split} style={split.style} data-view={shown}>
        <div className={s.pane}>
          {shown === "timeline" && (
            <Timeline
              view={view}
              rows={rows}
              folding={folding}
              selected={selected}
              isLoading={!isCaughtUp}
              onSelect={(step) => change({ step })}
            />
          )}
          {shown === "graph" && (
            <Suspense fallback={<SkeletonRows label="Loading the graph" />}>
              <RunGraph view={view} selected={selected} onSelect={(step) => change({ step })} />
            </Suspense>
          )}
          {shown === "events" && (
            <Suspense fallback={<SkeletonRows label="Loading the events" />}>
              <EventLog view={view} isWhole={isCaughtUp} onSelect={(step) => change({ step })} />
            </Suspense>
          )}
        </div>
        <div {...split.handle} className={s.handle} />
        <aside className={s.inspector} aria-label="Details of the selected step">
          <Inspector key={selected ?? ""} view={view} selected={selected} tab={search.tab} />
        </aside>
      </div>
      <ReplayBar view={view} isOver={isOver && !isPast} isCaughtUp={isCaughtUp} />
    </div>
  );
}

function RunMissing({ runId, error }: { readonly runId: string; readonly error: unknown }) {
  const isUnknown = error instanceof ApiError && error.status === 404;
  useEffect(() => {
    document.title = `${isUnknown ? "No such run" : "A run that could not be loaded"} – Station`;
  }, [isUnknown]);
  return (
    <>
      <PageHeader crumbs={[{ label: "Runs", link: { to: "/runs" } }]} title={runId} mono />
      {isUnknown ? (
        <EmptyState title="There is no such run">
          No run has the id <code>{runId}</code>. It may belong to another environment, or retention has
          removed it: runs are kept for as long as the server’s retention policy says.
        </EmptyState>
      ) : (
        <ErrorPanel
          what="The run could not be loaded"
          error={error}
          onRetry={() => location.reload()}
          target={`/api/v1/workflow-runs/${runId}`}
        />
      )}
    </>
  );
}
