import { isList, isObject, type JsonValue } from "../json.ts";

/** What an administrative event says of runs that are missing, or without their data. */
export type Removal = {
  /** How many events each had. */
  readonly removed: ReadonlyMap<string, number>;
  readonly back: readonly string[];
  readonly purged: readonly string[];
};

const NOTHING: Removal = { removed: new Map(), back: [], purged: [] };

/**
 * What an administrative event allows to be missing: `runs.removed` names the runs in its data (`{"runs": [{"runId": …,
 * "seq": …, "hash": …}]}`, their heads as they were) until `runs.brought_back` (`{"runs": ["run_…"]}`); `run.purged` the
 * run in its subject (`run:run_…`).
 */
export function removalIn(action: string, subject: string, data: string): Removal {
  if (action === "run.purged") return { ...NOTHING, purged: [subject.replace(/^run:/, "")] };
  if (action === "runs.removed") {
    const heads = runsIn(data).flatMap((run): [string, number][] => {
      const { runId, seq } = isObject(run) ? run : {};
      return typeof runId === "string" && typeof seq === "number" ? [[runId, seq]] : [];
    });
    return { ...NOTHING, removed: new Map(heads) };
  }
  if (action !== "runs.brought_back") return NOTHING;
  return { ...NOTHING, back: runsIn(data).filter((runId) => typeof runId === "string") };
}

function runsIn(data: string): readonly JsonValue[] {
  try {
    const { runs } = JSON.parse(data);
    return isList(runs) ? runs : [];
  } catch {
    // Changed into no JSON: the chain says so.
    return [];
  }
}
