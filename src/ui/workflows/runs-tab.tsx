import { Link, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Workflow } from "../../http/schemas/workflows.ts";
import { Button } from "../kit/button.tsx";
import { Chips } from "../kit/chips.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { PageBar } from "../kit/page.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { RUN_LIST_TABS, type RunListTab } from "../runs/run-list-search.ts";
import { RunTable } from "../runs/run-table.tsx";
import { useRuns } from "../runs/use-runs.ts";
import { openStart } from "./start/open-start.ts";
import s from "./workflow-page.module.css";
import type { WorkflowSearch } from "./workflow-search.ts";

/** The runs of one workflow in its environment; one of the same name elsewhere is another workflow. */
export function RunsTab({
  workflow: { id: workflowId, environment: at },
  search: { status, environment, peek },
}: {
  readonly workflow: Workflow;
  readonly search: WorkflowSearch;
}) {
  const navigate = useNavigate({ from: "/workflows/$workflowId" });
  const show = (wanted: RunListTab | undefined) =>
    void navigate({ search: (old) => ({ ...old, status: wanted }), replace: true });
  const scope = { workflow: workflowId, environment: at, ...(status && { status }) };
  const query = useRuns(scope);
  const onPeek = useCallback(
    (runId: string | undefined) =>
      void navigate({ search: (old) => ({ ...old, peek: runId }), replace: true, resetScroll: false }),
    [navigate],
  );
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return (
    <div className={s.runs}>
      <PageBar>
        <Chips
          label="Run status"
          isOn={(value) => value === (status ?? "all")}
          onToggle={(value) => show(value === "all" ? undefined : value)}
          chips={[
            { value: "all" as const, label: "All" },
            ...(Object.keys(RUN_LIST_TABS) as RunListTab[]).map((value) => ({
              value,
              label: RUN_LIST_TABS[value].label,
            })),
          ]}
        />
        <Link to="/runs" search={scope} className={s.place}>
          More filters
        </Link>
      </PageBar>
      {query.isError && !query.data ? (
        <ErrorPanel
          what="The runs could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : query.isPending ? (
        <SkeletonRows label="Loading runs" />
      ) : rows.length > 0 ? (
        <RunTable key={status} rows={rows} query={query} scope={scope} peek={peek} onPeek={onPeek} />
      ) : status ? (
        <EmptyState title="No such runs" action={<Button onClick={() => show(undefined)}>Show all</Button>}>
          No run of {workflowId} is {RUN_LIST_TABS[status].label.toLowerCase()}.
        </EmptyState>
      ) : (
        <EmptyState
          title="It never ran"
          action={<Button onClick={() => openStart({ workflowId, environment })}>Start a run</Button>}
        />
      )}
    </div>
  );
}
