import type { RunStatus } from "../../core/run/run.ts";
import { type ShownStatus, STATUS } from "../../core/view/status.ts";

/** What the address of the run list says: its filters. */
export type RunListSearch = {
  readonly status?: RunListTab | undefined;
  readonly workflow?: string | undefined;
  readonly since?: Since | undefined;
  /** A stretch of time instead, RFC 3339; both or none. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly by?: Starter | undefined;
  readonly q?: string | undefined;
  readonly environment?: string | undefined;
  /** The run one looks into without leaving the list. */
  readonly peek?: string | undefined;
};

export const SINCE = ["1h", "24h", "7d", "30d"] as const;
export type Since = (typeof SINCE)[number];

/** Who starts runs, and how their names begin. */
export const STARTERS = {
  people: { label: "People", startedBy: "user:" },
  keys: { label: "API keys", startedBy: "key:" },
  schedules: { label: "Schedules", startedBy: "schedule:" },
  hooks: { label: "Webhooks", startedBy: "hook:" },
} as const;
export type Starter = keyof typeof STARTERS;

/** The tabs of the list, and the statuses behind each. */
export const RUN_LIST_TABS = {
  running: { label: capital("RUNNING"), statuses: ["PENDING", "RUNNING"] },
  approval: { label: capital("WAITING_APPROVAL"), statuses: ["WAITING_APPROVAL"] },
  signal: { label: capital("WAITING_SIGNAL"), statuses: ["WAITING_SIGNAL"] },
  paused: { label: capital("PAUSED"), statuses: ["PAUSED"] },
  failed: { label: capital("FAILED"), statuses: ["FAILED", "TIMED_OUT"] },
  completed: { label: capital("COMPLETED"), statuses: ["COMPLETED"] },
  cancelled: { label: capital("CANCELLED"), statuses: ["CANCELLED"] },
} as const satisfies Readonly<
  Record<string, { readonly label: string; readonly statuses: readonly RunStatus[] }>
>;
export type RunListTab = keyof typeof RUN_LIST_TABS;

/** Reads the address; what it does not understand is left out. */
export function runListSearch(search: Record<string, unknown>): RunListSearch {
  const { status, workflow, since, from, to, by, q, environment, peek } = search;
  return {
    ...(typeof status === "string" && status in RUN_LIST_TABS && { status: status as RunListTab }),
    ...(typeof workflow === "string" && workflow !== "" && { workflow }),
    ...((SINCE as readonly unknown[]).includes(since) && { since: since as Since }),
    ...(isMoment(from) && isMoment(to) && { from, to }),
    ...(typeof by === "string" && by in STARTERS && { by: by as Starter }),
    ...(q !== undefined && String(q) !== "" && { q: String(q) }),
    ...(environment !== undefined && String(environment) !== "" && { environment: String(environment) }),
    ...(typeof peek === "string" && peek !== "" && { peek }),
  };
}

function isMoment(value: unknown): value is string {
  return (
    typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value))
  );
}

function capital(status: ShownStatus): string {
  const { word } = STATUS[status];
  return word.charAt(0).toUpperCase() + word.slice(1);
}
