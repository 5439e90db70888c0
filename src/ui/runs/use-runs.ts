import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { api } from "../api.ts";
import { currentTime } from "../clock.ts";
import { RUN_LIST_TABS, type RunListSearch, type Since, STARTERS } from "./run-list-search.ts";

/** The runs of a filter, page by page. */
export function useRuns(search: RunListSearch) {
  const deferred = useDeferredValue(search);
  return useInfiniteQuery({
    queryKey: ["runs", "list", deferred],
    queryFn: ({ pageParam }) =>
      api.listRuns({
        query: {
          ...filterOf(deferred),
          limit: 50,
          why: true,
          ...(pageParam !== null && { cursor: pageParam }),
        },
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
export function filterOf({ status, workflow, since, from, to, by, q, environment }: RunListSearch) {
  return {
    ...(status && { status: [...RUN_LIST_TABS[status].statuses] }),
    ...(workflow && { workflowId: workflow }),
    ...(since && { startedAfter: new Date(currentTime() - SPAN_MS[since]).toISOString() }),
    ...(from && { startedAfter: from }),
    ...(to && { startedBefore: to }),
    ...(by && { startedBy: STARTERS[by].startedBy }),
    ...(q && { q }),
    ...(environment && { environment }),
  };
}
