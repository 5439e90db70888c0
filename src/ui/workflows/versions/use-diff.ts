import { useQuery } from "@tanstack/react-query";
import { api } from "../../api.ts";

/** What a version changed of the one before it. Versions never change: it is asked for once. */
export function useDiff(
  { id, environment }: { readonly id: string; readonly environment: string },
  version: number,
  isWanted = true,
) {
  return useQuery({
    queryKey: ["version diff", environment, id, version],
    queryFn: () =>
      api.diffWorkflow({ params: { id }, query: { environment, from: version - 1, to: version } }),
    enabled: isWanted && version > 1,
    staleTime: Number.POSITIVE_INFINITY,
  });
}
