import { useQuery } from "@tanstack/react-query";
import type { AgentStatistic } from "../../http/schemas/system.ts";
import { api } from "../api.ts";
import { dollars } from "../format.ts";

/** How the agents of an environment did in the last 30 days, by name; null until it is known. */
export function useAgentFigures(environment: string | undefined): {
  readonly figures: ReadonlyMap<string, AgentStatistic> | null;
  readonly error: unknown;
} {
  const { data, error } = useQuery({
    queryKey: ["agents", "figures", environment],
    queryFn: () => api.listAgentStatistics({ query: { ...(environment && { environment }) } }),
    // Every step is news of runs, and this counts a thousand of them: it is asked for now and then instead.
    refetchInterval: 30_000,
  });
  return { figures: data ? new Map(data.items.map((item) => [item.agent, item])) : null, error };
}

/** `3 completed, 1 failed`. */
export function outcomesOf({ completed, failed }: AgentStatistic): string {
  return `${completed} completed, ${failed} failed`;
}

/** What it cost, as far as that is known. */
export function costOf(figures: AgentStatistic | undefined): string {
  return figures && figures.costUsd > 0 ? dollars(figures.costUsd) : "–";
}
