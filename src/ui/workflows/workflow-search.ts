import { environmentSearch } from "./workflow-list-search.ts";

export const WORKFLOW_TABS = ["overview", "definition"] as const;
export type WorkflowTab = (typeof WORKFLOW_TABS)[number];

/** What the address of a workflow says: its tab and its environment. */
export type WorkflowSearch = {
  readonly tab?: WorkflowTab | undefined;
  readonly environment?: string | undefined;
};

/** Reads the address; what it does not understand is left out. */
export function workflowSearch({ tab, environment }: Record<string, unknown>): WorkflowSearch {
  return {
    ...((WORKFLOW_TABS as readonly unknown[]).includes(tab) && { tab: tab as WorkflowTab }),
    ...environmentSearch(environment),
  };
}
