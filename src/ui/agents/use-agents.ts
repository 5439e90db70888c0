import { useQuery } from "@tanstack/react-query";
import { api } from "../api.ts";

/** The agents of an environment, and those that its workflows ask for and nobody has written. */
export function useAgents(environment: string | undefined) {
  return useQuery({
    queryKey: ["workflows", "agents", environment],
    queryFn: () => api.listAgents({ query: { ...(environment && { environment }) } }),
  });
}
