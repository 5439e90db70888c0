import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import type { RunRow } from "../../http/schemas/runs.ts";
import { api } from "../api.ts";
import { currentTime } from "../clock.ts";
import { Note, StatusBadge } from "../kit/badge.tsx";
import { Button } from "../kit/button.tsx";
import { Chips } from "../kit/chips.tsx";
import { EmptyState } from "../kit/empty-state.tsx";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { FilterInput, Select } from "../kit/field.tsx";
import { PageBar, PageHeader } from "../kit/page.tsx";
import { SkeletonRows } from "../kit/skeleton.tsx";
import { type Column, DataTable, rowLink } from "../kit/table.tsx";
import { Elapsed, Time } from "../kit/time.tsx";
import { StaleNote } from "../shell/connection-line.tsx";
import { useTitle } from "../shell/title.ts";
import s from "./run-list.module.css";
import { RUN_LIST_TABS, type RunListSearch, type RunListTab, SINCE, type Since } from "./run-list-search.ts";
import { shortId } from "./short-id.ts";

/** `/runs`: what runs and ran, newest first, with filters that live in the address. */
export function RunListPage() {
  const search = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const change = (part: Partial<RunListSearch>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const [current, setCurrent] = useState<string | null>(null);
  useTitle("Runs");
  const query = useRuns(search);
  const counts = useQuery({
    queryKey: ["runs", "counts", { workflow: search.workflow, since: search.since, q: search.q }],
    queryFn: () => api.countRuns({ query: filterOf({ ...search, status: undefined }) }),
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
          <FilterInput
            label="Id, workflow, starter, label"
            value={search.q ?? ""}
            onChange={(q) => change({ q: q === "" ? undefined : q })}
          />
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
          <WorkflowFilter value={search.workflow} onChange={(workflow) => change({ workflow })} />
          <Select
            aria-label="Started"
            value={search.since ?? ""}
            onChange={(event) => change({ since: (event.target.value || undefined) as Since | undefined })}
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
        <NoRuns search={search} onClear={() => void navigate({ search: {} })} />
      ) : (
        <DataTable
          label="Runs"
          columns={COLUMNS}
          rows={rows}
          keyOf={({ runId }) => runId}
          current={current}
          onCurrent={setCurrent}
          onOpen={({ runId }) => void navigate({ to: "/runs/$runId", params: { runId }, search: {} })}
          footer={
            query.hasNextPage && (
              <div className={s.more}>
                <Button onClick={() => void query.fetchNextPage()}>
                  {query.isFetchingNextPage ? "Loading…" : "Show older runs"}
                </Button>
              </div>
            )
          }
        />
      )}
    </>
  );
}

const ALWAYS = new Set<RunListTab>(["running", "approval", "failed", "completed"]);

const COLUMNS: readonly Column<RunRow>[] = [
  {
    key: "status",
    head: "Status",
    width: "156px",
    cell: ({ status }) => <StatusBadge status={status} />,
  },
  {
    key: "run",
    head: "Run",
    width: "minmax(132px, 1fr)",
    cell: ({ runId }) => (
      <Link to="/runs/$runId" params={{ runId }} search={{}} className={`${rowLink} mono`} title={runId}>
        {shortId(runId)}
      </Link>
    ),
  },
  {
    key: "workflow",
    head: "Workflow",
    width: "minmax(160px, 2fr)",
    phone: "wide",
    cell: ({ workflowId, workflowVersion, simulated }) => (
      <span className={s.workflow}>
        <b>{workflowId}</b> <span className={s.version}>v{workflowVersion}</span>
        {simulated && <Note>simulated</Note>}
      </span>
    ),
  },
  {
    key: "by",
    head: "Started by",
    width: "minmax(110px, 1fr)",
    phone: "hide",
    cell: ({ startedBy }) => <span className={s.by}>{startedBy}</span>,
  },
  {
    key: "started",
    head: "Started",
    width: "120px",
    phone: "wide",
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
  {
    key: "duration",
    head: "Duration",
    width: "96px",
    align: "end",
    phone: "hide",
    cell: ({ createdAt, finishedAt }) => (
      <Elapsed from={Date.parse(createdAt)} until={finishedAt === null ? null : Date.parse(finishedAt)} />
    ),
  },
];

function useRuns(search: RunListSearch) {
  const deferred = useDeferredValue(search);
  return useInfiniteQuery({
    queryKey: ["runs", "list", deferred],
    queryFn: ({ pageParam }) =>
      api.listRuns({
        query: { ...filterOf(deferred), limit: 100, ...(pageParam !== null && { cursor: pageParam }) },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
}

const SPAN_MS: Readonly<Record<Since, number>> = {
  "1h": 3_600_000,
  "24h": 86_400_000,
  "7d": 604_800_000,
  "30d": 2_592_000_000,
};

function filterOf({ status, workflow, since, q }: RunListSearch) {
  return {
    ...(status && { status: [...RUN_LIST_TABS[status].statuses] }),
    ...(workflow && { workflowId: workflow }),
    ...(since && { startedAfter: new Date(currentTime() - SPAN_MS[since]).toISOString() }),
    ...(q && { q }),
  };
}

function WorkflowFilter({
  value,
  onChange,
}: {
  readonly value: string | undefined;
  readonly onChange: (workflow: string | undefined) => void;
}) {
  const { data } = useQuery({
    queryKey: ["workflows", "names"],
    queryFn: () => api.listWorkflows({ query: { limit: 200 } }),
  });
  const ids = [...new Set([...(data?.items.map(({ id }) => id) ?? []), ...(value ? [value] : [])])].sort();
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
  const filters = [
    search.status && RUN_LIST_TABS[search.status].label.toLowerCase(),
    search.workflow && `of ${search.workflow}`,
    search.since && `of the last ${search.since}`,
    search.q && `matching “${search.q}”`,
  ].filter(Boolean);
  if (filters.length > 0)
    return (
      <EmptyState title="No such runs" action={<Button onClick={onClear}>Clear filters</Button>}>
        There are no runs {filters.join(", ")}.
      </EmptyState>
    );
  return (
    <EmptyState title="Nothing has run yet">
      Start one: <code>npm run stn -- run incident-triage -f namespace=default -f service=checkout</code>. It
      appears here by itself.
    </EmptyState>
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
