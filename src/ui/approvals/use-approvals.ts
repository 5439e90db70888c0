import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Approval } from "../../http/schemas/approvals.ts";
import { api } from "../api.ts";
import type { Shown } from "./approval-search.ts";

const FILTERS = {
  mine: { mine: true },
  open: { status: ["PENDING"] },
  decided: { status: ["APPROVED", "REJECTED", "EXPIRED", "CANCELLED"] },
} as const;

/** The approvals of a list: all that are open, and of those that are over as many pages as were asked for. */
export function useApprovals(show: Shown, isWanted = true) {
  const query = useInfiniteQuery({
    queryKey: ["approvals", "list", show],
    queryFn: ({ pageParam }) => {
      const filter = FILTERS[show];
      return api.listApprovals({
        query: {
          ...("mine" in filter ? filter : { status: [...filter.status] }),
          limit: 50,
          ...(pageParam !== null && { cursor: pageParam }),
        },
      });
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: isWanted,
  });
  // Pages are by age: the question with the least time may stand on the last one.
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  const isSought = show !== "decided" && hasNextPage && !isFetching && !isError;
  useEffect(() => {
    if (isSought) void fetchNextPage({ cancelRefetch: false });
  }, [isSought, fetchNextPage]);
  const rows: readonly Approval[] = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return { query, rows, count: query.data && !query.hasNextPage ? rows.length : undefined };
}

/** One approval, fresh after every notice about approvals. */
export function useApproval(approvalId: string) {
  return useQuery({
    queryKey: ["approvals", "one", approvalId],
    queryFn: () => api.getApproval({ params: { approvalId } }),
  });
}
