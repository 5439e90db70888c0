/** Runs that may be missing, or without their data, because an administrative event says so. */
export type Removal = { readonly removed: readonly string[]; readonly purged: readonly string[] };

const NOTHING: Removal = { removed: [], purged: [] };

/**
 * What an administrative event allows to be missing: `runs.removed` names the runs in its data (`{"runs": [{"runId": …,
 * "seq": …, "hash": …}]}`, their heads as they were), `run.purged` the run in its subject (`run:run_…`).
 */
export function removalIn(action: string, subject: string, data: string): Removal {
  if (action === "run.purged") return { removed: [], purged: [subject.replace(/^run:/, "")] };
  if (action !== "runs.removed") return NOTHING;
  try {
    const { runs } = JSON.parse(data) as { readonly runs?: readonly { readonly runId?: unknown }[] };
    return {
      removed: (runs ?? []).flatMap(({ runId }) => (typeof runId === "string" ? [runId] : [])),
      purged: [],
    };
  } catch {
    // Changed into no JSON: the chain says so.
    return NOTHING;
  }
}
