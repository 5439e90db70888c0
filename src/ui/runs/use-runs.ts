import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { api } from "../api.ts";
import { currentTime } from "../clock.ts";
import { RUN_LIST_TABS, type RunListSearch, type Since, STARTERS } from "./run-list-search.ts";

/** Where a page goes on, and with which filter it began. */
type Page = { readonly filter: ReturnType<typeof filterOf>; readonly cursor: string | null };

/** The runs of a filter, page by page. */
export function useRuns(search: RunListSearch) {
  const deferred = useDeferredValue(search);
  return useInfiniteQuery({
    queryKey: ["runs", "list", deferred],
    queryFn: async ({ pageParam }) => {
      const { filter, cursor } = pageParam ?? { filter: filterOf(deferred), cursor: null };
      const query = { ...filter, limit: 50, why: true, ...(cursor !== null && { cursor }) };
      return { ...(await api.listRuns({ query })), filter };
    },
    initialPageParam: null as Page | null,
    // A cursor belongs to its filter, and "the last hour" is another hour by now.
    getNextPageParam: ({ nextCursor, filter }): Page | null =>
      nextCursor === null ? null : { filter, cursor: nextCursor },
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
