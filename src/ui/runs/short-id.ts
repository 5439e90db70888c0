/** Enough of an id to tell runs apart. */
export function shortId(runId: string): string {
  return runId.length > 16 ? `${runId.slice(0, 8)}…${runId.slice(-6)}` : runId;
}
