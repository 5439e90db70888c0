import { useQuery } from "@tanstack/react-query";
import type { WorkflowRow } from "../../http/schemas/workflows.ts";
import { api } from "../api.ts";

/** All workflows of an environment, however many pages they take, for whoever chooses one. */
export function useWorkflowNames(environment: string | undefined) {
  return useQuery({
    queryKey: ["workflows", "names", environment ?? null],
    queryFn: async (): Promise<readonly WorkflowRow[]> => {
      const rows: WorkflowRow[] = [];
      let cursor: string | null = null;
      do {
        const query = { limit: 200, ...(environment && { environment }), ...(cursor !== null && { cursor }) };
        const page: Awaited<ReturnType<typeof api.listWorkflows>> = await api.listWorkflows({ query });
        rows.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null);
      return rows;
    },
  });
}
