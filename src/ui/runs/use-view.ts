import { queryOptions, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useState } from "react";
import { isTerminal, type Run } from "../../core/run/run.ts";
import { api, queryClient } from "../api.ts";
import { useNow } from "../clock.ts";
import type { History } from "./model/history.ts";
import type { RunSearch } from "./run-search.ts";

/** What every part of the run's page is drawn from: the run as of one event. */
export type RunView = {
  readonly history: History;
  readonly run: Run;
  /** The event everything is drawn as of. */
  readonly n: number;
  /** The cursor stands in the past: nothing can be done. */
  readonly isPast: boolean;
  readonly isOver: boolean;
  /** What goes on, goes on up to here; ms since 1970. */
  readonly now: number;
  /** Changes with every batch of events. */
  readonly version: number;
  /** When the run's values were taken out; ms since 1970. The empty ones that are here are not what they were. */
  readonly purgedAt: number | null;
};

/** The run at the cursor of the address. While its history is on its way no time passes in it. */
export function useRunView(
  runId: string,
  history: History | null,
  version: number,
  isCaughtUp: boolean,
): RunView | null {
  const { at } = useSearch({ from: "/runs/$runId" });
  // Also of the past: what was purged is gone from there, too.
  const { data } = useQuery({ ...runNow(runId), enabled: history !== null });
  const last = history?.seq ?? 0;
  const n = at !== undefined && at < last ? at : last;
  const run = useMemo(() => (version >= 0 ? (history?.at(n) ?? null) : null), [history, n, version]);
  const isPast = n < last;
  const isOver = run !== null && isTerminal(run);
  const goesOn = !isPast && !isOver && isCaughtUp;
  const clock = useNow(goesOn);
  if (!history || !run) return null;
  const then = history.timeAt(n);
  const purgedAt = data?.purgedAt ? Date.parse(data.purgedAt) : null;
  return { history, run, n, isPast, isOver, now: goesOn ? Math.max(clock, then) : then, version, purgedAt };
}

/** Changes the address: tabs, selection, cursor. Moving within a page is not a step of the browser's history. */
export function useRunSearch() {
  const search = useSearch({ from: "/runs/$runId" });
  const navigate = useNavigate({ from: "/runs/$runId" });
  const change = useCallback(
    (part: Partial<RunSearch>) =>
      void navigate({ search: (old) => ({ ...old, ...part }), replace: true, resetScroll: false }),
    [navigate],
  );
  return { search, change };
}

const runNow = (runId: string) =>
  queryOptions({
    queryKey: ["run", runId],
    queryFn: () => api.getRun({ params: { runId } }),
    staleTime: 30_000,
  });

const QUIET_MS = 1200;
/** A run that waits has no events, and what it waits for changes all the same: its turn, a worker, a run it called. */
const WAITING_MS = 5000;

/** What the server says of the run: why it does not move. Asked again when the run has fallen silent, and while it is. */
export function useRunNow(run: Run, seq: number, isWanted: boolean) {
  const { id: runId } = run;
  const query = useQuery({
    ...runNow(runId),
    enabled: isWanted,
    refetchInterval: isWanted && !isTerminal(run) && WAITING_MS,
  });
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    if (!isWanted || seq === asked || seq === 0) return;
    const timer = setTimeout(() => {
      setAsked(seq);
      queryClient.invalidateQueries({ queryKey: ["run", runId] }).catch(() => {});
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [runId, seq, asked, isWanted]);
  return query;
}
