import { RUN_LIST_TABS, type RunListTab } from "../runs/run-list-search.ts";
import { environmentSearch } from "./workflow-list-search.ts";

export const WORKFLOW_TABS = ["overview", "runs", "definition", "versions"] as const;
export type WorkflowTab = (typeof WORKFLOW_TABS)[number];

/** What the address of a workflow says: its tab and its environment. */
export type WorkflowSearch = {
  readonly tab?: WorkflowTab | undefined;
  readonly environment?: string | undefined;
  /** Which of its runs are listed. */
  readonly status?: RunListTab | undefined;
  /** The selected state of the graph, by its place. */
  readonly state?: string | undefined;
  /** The run one looks into beside the list. */
  readonly peek?: string | undefined;
  /** Which version is shown beside the one before it. */
  readonly version?: number | undefined;
  readonly diff?: "text" | undefined;
};

/** Reads the address; what it does not understand is left out. */
export function workflowSearch({
  tab,
  environment,
  status,
  version,
  diff,
  state,
  peek,
}: Record<string, unknown>): WorkflowSearch {
  return {
    ...((WORKFLOW_TABS as readonly unknown[]).includes(tab) && { tab: tab as WorkflowTab }),
    ...environmentSearch(environment),
    ...(typeof status === "string" && status in RUN_LIST_TABS && { status: status as RunListTab }),
    ...(Number.isInteger(version) && (version as number) > 0 && { version: version as number }),
    ...(diff === "text" && { diff }),
    ...(typeof peek === "string" && peek !== "" && { peek }),
    ...(state !== undefined && String(state) !== "" && { state: String(state) }),
  };
}
