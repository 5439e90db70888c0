/** What the address of the workflow list says: its filters. */
export type WorkflowListSearch = {
  readonly status?: WorkflowStatus | undefined;
  readonly sync?: SyncState | undefined;
  readonly q?: string | undefined;
  readonly environment?: string | undefined;
};

const STATUSES = ["active", "disabled"] as const;
export type WorkflowStatus = (typeof STATUSES)[number];

/** How a workflow may stand to its file. */
export const SYNC_STATES = ["in-sync", "file-newer", "file-missing", "invalid", "none"] as const;
export type SyncState = (typeof SYNC_STATES)[number];

/** Reads the address; what it does not understand is left out. */
export function workflowListSearch({
  status,
  sync,
  q,
  environment,
}: Record<string, unknown>): WorkflowListSearch {
  return {
    ...((STATUSES as readonly unknown[]).includes(status) && { status: status as WorkflowStatus }),
    ...((SYNC_STATES as readonly unknown[]).includes(sync) && { sync: sync as SyncState }),
    ...(q !== undefined && String(q) !== "" && { q: String(q) }),
    ...environmentSearch(environment),
  };
}

/** The environment of an address; without one it is the server's own. */
export function environmentSearch(environment: unknown): { readonly environment?: string } {
  return environment !== undefined && String(environment) !== "" ? { environment: String(environment) } : {};
}
