import { useQuery } from "@tanstack/react-query";
import { api } from "../api.ts";
import { useApprovals } from "../approvals/use-approvals.ts";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { PageBody, PageHeader } from "../kit/page.tsx";
import { Columns, Panel } from "../kit/panel.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { useTitle } from "../shell/title.ts";
import { useRights, useSystem } from "../system.ts";
import { Broken } from "./broken.tsx";
import { FirstSteps, NextSteps } from "./first-steps.tsx";
import { Happening, Lately } from "./happening.tsx";
import { Health } from "./health.tsx";
import { LastDay } from "./last-day.tsx";
import { NeedsYou } from "./needs-you.tsx";
import { useAreStepsOver } from "./use-are-steps-over.ts";

/** `/`: what needs me, what is broken, what is happening. */
export function OverviewPage() {
  const mine = useApprovals("mine");
  const counts = useQuery({ queryKey: ["runs", "counts", {}], queryFn: () => api.countRuns() });
  const activity = useQuery({ queryKey: ["runs", "activity"], queryFn: () => api.getActivity() });
  const system = useSystem();
  const [areStepsOver, endSteps] = useAreStepsOver();
  const mayNotSee = useRights().whyNot("runs:read");
  useTitle(mine.count ? `◆ ${mine.count} waiting · Overview` : "Overview");
  return (
    <>
      <StaleNote />
      <PageHeader title="Overview" />
      <PageBody label="Overview">{content()}</PageBody>
    </>
  );

  function content() {
    const failed = [counts, activity].find(({ isError, data }) => isError && !data);
    if (failed)
      return (
        <ErrorPanel
          what="The overview could not be loaded"
          error={failed.error}
          onRetry={() => void failed.refetch()}
          target="/api/v1/activity"
        />
      );
    if (!counts.data || !activity.data || mine.query.isPending)
      return (
        <Columns
          wide={["Needs you", "Happening", "Lately"].map((title) => (
            <Panel key={title} title={title}>
              <SkeletonRows label={`Loading: ${title}`} rows={3} />
            </Panel>
          ))}
          narrow={
            <Panel title="Last 24 hours">
              <SkeletonRows label="Loading the last day" rows={4} />
            </Panel>
          }
        />
      );
    const { RUNNING = 0, PENDING = 0 } = counts.data.counts;
    if (mayNotSee !== null) return <EmptyState title="You may see no runs">{mayNotSee}</EmptyState>;
    const runs = Object.values(counts.data.counts).reduce((sum, count) => sum + count, 0);
    const known = { system: system.data, runs, waiting: mine.count ?? 0, onOver: endSteps };
    if (runs === 0) return <FirstSteps {...known} />;
    return (
      <Columns
        wide={
          <>
            <NeedsYou rows={mine.rows} error={mine.query.data ? null : mine.query.error} count={mine.count} />
            <Broken failures={activity.data.failures} />
            <Happening count={RUNNING + PENDING} />
            <Lately />
          </>
        }
        narrow={
          <>
            {!areStepsOver && <NextSteps {...known} />}
            <LastDay buckets={activity.data.buckets} />
            {system.data && <Health system={system.data} />}
          </>
        }
      />
    );
  }
}
