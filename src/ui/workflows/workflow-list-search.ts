/** What the address of the workflow list says: its filters. */
export type WorkflowListSearch = {
  readonly status?: WorkflowStatus | undefined;
  readonly q?: string | undefined;
  readonly environment?: string | undefined;
};

const STATUSES = ["active", "disabled"] as const;
export type WorkflowStatus = (typeof STATUSES)[number];

/** Reads the address; what it does not understand is left out. */
export function workflowListSearch({ status, q, environment }: Record<string, unknown>): WorkflowListSearch {
  return {
    ...((STATUSES as readonly unknown[]).includes(status) && { status: status as WorkflowStatus }),
    ...(q !== undefined && String(q) !== "" && { q: String(q) }),
    ...environmentSearch(environment),
  };
}

/** The environment of an address; without one it is the server's own. */
export function environmentSearch(environment: unknown): { readonly environment?: string } {
  return environment !== undefined && String(environment) !== "" ? { environment: String(environment) } : {};
}
