import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import type { RunRow } from "../../http/schemas/runs.ts";
import { api } from "../api.ts";
import { currentTime } from "../clock.ts";
import { Note, StatusBadge } from "../kit/badge.tsx";
import { Button } from "../kit/button.tsx";
import { type Column, DataTable, rowLink } from "../kit/table.tsx";
import { Elapsed, Time } from "../kit/time.tsx";
import s from "./run-list.module.css";
import { RUN_LIST_TABS, type RunListSearch, type Since } from "./run-list-search.ts";
import { shortId } from "./short-id.ts";

/** Runs as a table, newest first; older ones come when they are asked for. */
export function RunTable({
  rows,
  query,
}: {
  readonly rows: readonly RunRow[];
  readonly query: Pick<ReturnType<typeof useRuns>, "hasNextPage" | "fetchNextPage" | "isFetchingNextPage">;
}) {
  const navigate = useNavigate();
  const [current, setCurrent] = useState<string | null>(null);
  return (
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
  );
}

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

/** The runs of a filter, page by page. */
export function useRuns(search: RunListSearch) {
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

/** The filter as the API takes it. */
export function filterOf({ status, workflow, since, q, environment }: RunListSearch) {
  return {
    ...(status && { status: [...RUN_LIST_TABS[status].statuses] }),
    ...(workflow && { workflowId: workflow }),
    ...(since && { startedAfter: new Date(currentTime() - SPAN_MS[since]).toISOString() }),
    ...(q && { q }),
    ...(environment && { environment }),
  };
}
