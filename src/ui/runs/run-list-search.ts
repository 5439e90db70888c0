import type { RunStatus } from "../../core/run/run.ts";

/** What the address of the run list says: its filters. */
export type RunListSearch = {
  readonly status?: RunListTab | undefined;
  readonly workflow?: string | undefined;
  readonly since?: Since | undefined;
  readonly q?: string | undefined;
  readonly environment?: string | undefined;
  /** The run one looks into without leaving the list. */
  readonly peek?: string | undefined;
};

export const SINCE = ["1h", "24h", "7d", "30d"] as const;
export type Since = (typeof SINCE)[number];

/** The tabs of the list, and the statuses behind each. */
export const RUN_LIST_TABS = {
  running: { label: "Running", statuses: ["PENDING", "RUNNING"] },
  approval: { label: "Needs approval", statuses: ["WAITING_APPROVAL"] },
  signal: { label: "Waiting for signal", statuses: ["WAITING_SIGNAL"] },
  paused: { label: "Paused", statuses: ["PAUSED"] },
  failed: { label: "Failed", statuses: ["FAILED", "TIMED_OUT"] },
  completed: { label: "Completed", statuses: ["COMPLETED"] },
  cancelled: { label: "Cancelled", statuses: ["CANCELLED"] },
} as const satisfies Readonly<
  Record<string, { readonly label: string; readonly statuses: readonly RunStatus[] }>
>;
export type RunListTab = keyof typeof RUN_LIST_TABS;

/** Reads the address; what it does not understand is left out. */
export function runListSearch(search: Record<string, unknown>): RunListSearch {
  const { status, workflow, since, q, environment, peek } = search;
  return {
    ...(typeof status === "string" && status in RUN_LIST_TABS && { status: status as RunListTab }),
    ...(typeof workflow === "string" && workflow !== "" && { workflow }),
    ...((SINCE as readonly unknown[]).includes(since) && { since: since as Since }),
    ...(q !== undefined && String(q) !== "" && { q: String(q) }),
    ...(environment !== undefined && String(environment) !== "" && { environment: String(environment) }),
    ...(typeof peek === "string" && peek !== "" && { peek }),
  };
}
