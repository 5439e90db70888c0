import { useQuery } from "@tanstack/react-query";
import { isObject } from "../../core/json.ts";
import { callIn } from "../../core/run/approvals/tool-call.ts";
import { writersOf } from "../../core/view/writers.ts";
import type { Approval } from "../../http/schemas/approvals.ts";
import { api } from "../api.ts";

/** The agents that wrote the evidence of a question; null until it is known, or where it cannot be found out. */
export function useWriters({
  workflowId: id,
  workflowVersion: version,
  environment,
  summary,
  summaryPath,
}: Approval): readonly string[] | null {
  const { data } = useQuery({
    queryKey: ["workflow version", environment, id, version],
    queryFn: () => api.getWorkflowVersion({ params: { id, version }, query: { environment } }),
    enabled: summaryPath !== null,
    // A version never changes.
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  // A tool's call is asked for by the agent that would make it.
  if (isObject(summary) && callIn({ summary, summaryPath }) !== null && typeof summary["agent"] === "string")
    return [summary["agent"]];
  return data === undefined || summaryPath === null ? null : writersOf(data.definition, summaryPath);
}
