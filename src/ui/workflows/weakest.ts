import type { WorkflowStatistics } from "../../http/schemas/workflows.ts";

/** Of a state at least one visit of which has ended. */
export type Figures = Omit<WorkflowStatistics["states"][number], "p50Ms" | "p95Ms"> & {
  readonly p50Ms: number;
  readonly p95Ms: number;
};

/** The states of which a visit has ended. */
export function endedIn(states: WorkflowStatistics["states"]): readonly Figures[] {
  return states.flatMap(({ p50Ms, p95Ms, ...rest }) =>
    p50Ms === null || p95Ms === null ? [] : [{ ...rest, p50Ms, p95Ms }],
  );
}

/** The state that takes longest, by its median; null where none takes any time. */
export function slowestOf(states: readonly Figures[]): Figures | null {
  const [slowest] = states.toSorted((a, b) => b.p50Ms - a.p50Ms);
  return slowest && slowest.p50Ms > 0 ? slowest : null;
}

/** The state whose visits most often failed or had to be tried again; null where none did. */
export function flakiestOf(states: readonly Figures[]): Figures | null {
  const [worst] = states.toSorted((a, b) => troubleOf(b) - troubleOf(a));
  return worst && troubleOf(worst) > 0 ? worst : null;
}

/** `12 % failed, 3 % retried`, what there is of it. */
export function troubleText({ visits, failed, retried }: Figures): string {
  const parts = [
    [failed, "failed"],
    [retried, "retried"],
  ] as const;
  return parts
    .flatMap(([part, word]) =>
      part > 0 ? [`${Math.max(1, Math.round((100 * part) / visits))} % ${word}`] : [],
    )
    .join(", ");
}

function troubleOf({ visits, failed, retried }: Figures): number {
  return (failed + retried) / visits;
}
