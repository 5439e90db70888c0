import { useQuery } from "@tanstack/react-query";
import type { WorkflowRow } from "../../http/schemas/workflows.ts";
import { api } from "../api.ts";
import { everyPage } from "../every-page.ts";

/** All workflows of an environment, however many pages they take, for whoever chooses one. */
export function useWorkflowNames(environment: string | undefined) {
  return useQuery({
    queryKey: ["workflows", "names", environment ?? null],
    queryFn: () =>
      everyPage<WorkflowRow>((cursor) =>
        api.listWorkflows({ query: { limit: 200, ...(environment && { environment }), ...cursor } }),
      ),
  });
}
