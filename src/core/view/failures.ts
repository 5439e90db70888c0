/** A run that failed or ran out of time. Times in ms since 1970. */
export type FailedRun = {
  readonly runId: string;
  readonly environment: string;
  readonly workflowId: string;
  readonly finishedAt: number;
  /** The state that failed first; null when it was none. */
  readonly state: string | null;
  readonly code: string;
  readonly message: string;
};

/** Runs that failed in the same way; message and run are the latest's. */
export type FailureGroup = Omit<FailedRun, "finishedAt"> & {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
};

/** What differs from run to run in messages of one kind: numbers, ids, hashes, quoted values. */
const VARYING = /"[^"]*"|'[^']*'|\b(?=\w*\d)[\w-]{6,}\b|\d+(?:[.:]\d+)*/g;

/** Failures of a kind together, the latest kind first: same workflow, state and code, and messages that differ in values. */
export function groupFailures(runs: readonly FailedRun[]): readonly FailureGroup[] {
  const groups = Map.groupBy(runs, ({ environment, workflowId, state, code, message }) =>
    JSON.stringify([environment, workflowId, state, code, message.replace(VARYING, "…")]),
  );
  return [...groups.values()]
    .map((members) => {
      const times = members.map(({ finishedAt }) => finishedAt);
      const [firstAt, lastAt] = [Math.min(...times), Math.max(...times)];
      const latest = members.find(({ finishedAt }) => finishedAt === lastAt);
      if (!latest) throw new Error("a group of failures has no member");
      const { finishedAt: _, ...rest } = latest;
      return { ...rest, count: members.length, firstAt, lastAt };
    })
    .sort((a, b) => b.lastAt - a.lastAt);
}
