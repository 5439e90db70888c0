import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useCallback, useMemo } from "react";
import { api } from "../api.ts";
import { stretch } from "../format.ts";
import { Button } from "../kit/button.tsx";
import { Chips } from "../kit/chips.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { FilterInput, Select } from "../kit/field.tsx";
import { PageBar, PageHeader } from "../kit/page.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { useTitle } from "../shell/title.ts";
import { useRights } from "../system.ts";
import { openStart } from "../workflows/start/open-start.ts";
import { useWorkflowNames } from "../workflows/use-workflow-names.ts";
import { SavedViews } from "./list/saved-views.tsx";
import s from "./run-list.module.css";
import {
  RUN_LIST_TABS,
  type RunListSearch,
  type RunListTab,
  SINCE,
  type Since,
  STARTERS,
  type Starter,
} from "./run-list-search.ts";
import { RunTable } from "./run-table.tsx";
import { filterOf, useRuns } from "./use-runs.ts";

/** `/runs`: what runs and ran, newest first, with filters that live in the address. */
export function RunListPage() {
  const search = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const change = (part: Partial<RunListSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  useTitle("Runs");
  const { peek, ...filter } = search;
  const onPeek = useCallback(
    (runId: string | undefined) =>
      void navigate({ search: (old) => ({ ...old, peek: runId }), replace: true, resetScroll: false }),
    [navigate],
  );
  const query = useRuns(filter);
  const counts = useQuery({
    queryKey: ["runs", "counts", { ...filter, status: undefined }],
    queryFn: () => api.countRuns({ query: filterOf({ ...filter, status: undefined }) }),
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  const countOf = (tab: RunListTab) =>
    counts.data && sum(RUN_LIST_TABS[tab].statuses.map((status) => counts.data.counts[status] ?? 0));
  return (
    <>
      <StaleNote />
      <PageHeader
        title="Runs"
        actions={
          <>
            <SavedViews search={filter} onChoose={(chosen) => void navigate({ search: chosen })} />
            <FilterInput
              label="Id, workflow, error, input value"
              value={search.q ?? ""}
              onChange={(q) => change({ q: q === "" ? undefined : q })}
            />
          </>
        }
      />
      <PageBar>
        <Chips
          label="Status"
          isOn={(value) => value === (search.status ?? "all")}
          onToggle={(value) => change({ status: value === "all" ? undefined : value })}
          chips={[
            {
              value: "all" as const,
              label: "All",
              count: counts.data && sum(Object.values(counts.data.counts)),
            },
            ...(Object.keys(RUN_LIST_TABS) as RunListTab[])
              .filter((tab) => tab === search.status || ALWAYS.has(tab) || (countOf(tab) ?? 0) > 0)
              .map((tab) => ({ value: tab, label: RUN_LIST_TABS[tab].label, count: countOf(tab) })),
          ]}
        />
        <span className={s.filters}>
          {search.environment && (
            <Button
              icon={X}
              hint="Runs of every environment"
              onClick={() => change({ environment: undefined })}
            >
              in {search.environment}
            </Button>
          )}
          {search.from && search.to && (
            <Button
              icon={X}
              hint="Runs of any time"
              onClick={() => change({ from: undefined, to: undefined })}
            >
              {stretch(search.from, search.to)}
            </Button>
          )}
          <WorkflowFilter
            environment={search.environment}
            value={search.workflow}
            onChange={(workflow) => change({ workflow })}
          />
          <Select
            aria-label="Started by"
            value={search.by ?? ""}
            onChange={(event) => change({ by: (event.target.value || undefined) as Starter | undefined })}
          >
            <option value="">Started by anyone</option>
            {Object.entries(STARTERS).map(([by, { label }]) => (
              <option key={by} value={by}>
                {label}
              </option>
            ))}
          </Select>
          <Select
            aria-label="Started"
            value={search.since ?? ""}
            onChange={(event) =>
              change({
                since: (event.target.value || undefined) as Since | undefined,
                from: undefined,
                to: undefined,
              })
            }
          >
            <option value="">Any time</option>
            {SINCE.map((since) => (
              <option key={since} value={since}>
                Last {since}
              </option>
            ))}
          </Select>
        </span>
      </PageBar>
      {query.isError && !query.data ? (
        <ErrorPanel
          what="The runs could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
          target="/api/v1/workflow-runs"
        />
      ) : query.isPending ? (
        <SkeletonRows label="Loading runs" />
      ) : rows.length === 0 ? (
        <NoRuns search={filter} onClear={() => void navigate({ search: {} })} />
      ) : (
        <RunTable
          key={JSON.stringify(filter)}
          rows={rows}
          query={query}
          scope={filter}
          peek={peek}
          onPeek={onPeek}
        />
      )}
    </>
  );
}

const ALWAYS = new Set<RunListTab>(["running", "approval", "failed", "completed"]);

function WorkflowFilter({
  environment,
  value,
  onChange,
}: {
  readonly environment: string | undefined;
  readonly value: string | undefined;
  readonly onChange: (workflow: string | undefined) => void;
}) {
  const { data } = useWorkflowNames(environment);
  const ids = [...new Set([...(data?.map(({ id }) => id) ?? []), ...(value ? [value] : [])])].sort();
  return (
    <Select
      aria-label="Workflow"
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">All workflows</option>
      {ids.map((id) => (
        <option key={id}>{id}</option>
      ))}
    </Select>
  );
}

function NoRuns({ search, onClear }: { readonly search: RunListSearch; readonly onClear: () => void }) {
  const { whyNot } = useRights();
  const mayNotSee = whyNot("runs:read", search.environment);
  if (mayNotSee !== null) return <EmptyState title="You may see no runs">{mayNotSee}</EmptyState>;
  const filters = [
    search.status && RUN_LIST_TABS[search.status].label.toLowerCase(),
    search.workflow && `of ${search.workflow}`,
    search.from && search.to && `of ${stretch(search.from, search.to)}`,
    search.since && `of the last ${search.since}`,
    search.by && `started by ${STARTERS[search.by].label.toLowerCase()}`,
    search.q && `matching “${search.q}”`,
    search.environment && `in ${search.environment}`,
  ].filter(Boolean);
  if (filters.length > 0)
    return (
      <EmptyState title="No such runs" action={<Button onClick={onClear}>Clear filters</Button>}>
        There are no runs {filters.join(", ")}.
      </EmptyState>
    );
  return (
    <EmptyState
      title="Nothing has run yet"
      action={
        <Button disabledBecause={whyNot("runs:write")} onClick={() => openStart()}>
          Start a run
        </Button>
      }
    >
      A run that somebody starts appears here by itself.
    </EmptyState>
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
