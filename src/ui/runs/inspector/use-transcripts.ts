import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { StepId } from "../../../core/run/ids.ts";
import { api, queryClient } from "../../api.ts";
import { transcriptAt } from "../model/transcript-at.ts";
import type { Inspected } from "./inspector.tsx";

/** What is told of agents can be lost: while they work, their transcripts are read again so often. */
const LOOK_EVERY_MS = 3000;
/** What is told in one breath is read at once. */
const BREATH_MS = 100;

/** The transcripts of a step's attempts and of the agents they called, as of the cursor, the first attempt first. */
export function useTranscripts({ view, step, trail }: Inspected) {
  const { run, history, n, isPast } = view;
  const { agents } = history;
  const kept = useSyncExternalStore(agents.subscribe, () => agents.kept);
  const key = ["run", run.id, "agents", step.id];
  const refetchInterval = !isPast && step.finishedAt === null && LOOK_EVERY_MS;
  const list = useAgentRuns(run.id, step.id, { refetchInterval });
  const items = list.data?.items ?? [];
  const read = useQueries({
    queries: items.map(({ agentRunId }) => ({
      queryKey: [...key, agentRunId],
      queryFn: () => api.getAgentRun({ params: { agentRunId } }),
      refetchInterval,
    })),
  });
  const retry = () => void queryClient.invalidateQueries({ queryKey: ["run", run.id, "agents", step.id] });
  useWhenGrown(kept + trail.seqs.length, retry);
  const then = history.timeAt(n);
  return {
    isPending: list.isPending || read.some(({ isPending }) => isPending),
    error: list.error ?? read.find(({ error }) => error !== null)?.error ?? null,
    retry,
    transcripts: read.flatMap(({ data }) => {
      const shown = data && (isPast ? transcriptAt(data, then) : data);
      return shown ? [{ ...shown, turnsInAll: data.turns.length }] : [];
    }),
  };
}

/** The agents of a step's attempts and those they called, without what they said. */
export function useAgentRuns(
  runId: string,
  stepId: StepId,
  how: { readonly refetchInterval?: number | false; readonly enabled?: boolean },
) {
  return useQuery({
    queryKey: ["run", runId, "agents", stepId, "list"],
    queryFn: () => api.listAgentRuns({ params: { runId }, query: { stepId } }),
    ...how,
  });
}

function useWhenGrown(size: number, act: () => void): void {
  const [first] = useState(size);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only growth counts
  useEffect(() => {
    if (size === first) return;
    const timer = setTimeout(act, BREATH_MS);
    return () => clearTimeout(timer);
  }, [size]);
}
