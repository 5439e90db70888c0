import { canonicalJson } from "../core/canonical.ts";
import type { JsonObject } from "../core/json.ts";
import type { Refusal } from "../core/run/commands.ts";
import { ROOT, type RunId } from "../core/run/ids.ts";
import type { Ports } from "./ports.ts";
import { replayOf, type StartRequest, type StartResult, startRun } from "./start-run.ts";

export type RerunRequest = Pick<StartRequest, "by" | "once"> & {
  readonly runId: RunId;
  /** A state of the workflow's own list; without it everything is done anew. */
  readonly fromState?: string;
  /** Without them, the run's own. */
  readonly input?: JsonObject;
  readonly version?: number;
};

/** Starts a new run that runs an earlier one again; what it takes over of it is in its events. */
export async function rerunRun(
  ports: Pick<Ports, "store" | "clock" | "schemas" | "expressions">,
  { runId, fromState, input, version, by, once }: RerunRequest,
): Promise<StartResult | { readonly status: "unknown-run" }> {
  const loaded = await ports.store.runs.load(runId, ROOT);
  // It may have left for an archive since it was asked for the first time.
  if (!loaded) return (once && (await replayOf(ports, once))) ?? { status: "unknown-run" };
  const { workflow, labels, ...run } = loaded.run;
  const isAnew = fromState === undefined;
  // Asked of the database: a process may still remember values that are gone for good.
  if ((input === undefined || !isAnew) && (await ports.store.runs.isPurged(runId))) {
    const replay = once && (await replayOf(ports, once));
    return replay ?? { status: "refused", refusal: purged(runId) };
  }
  const [steps, gates] = isAnew
    ? [[], []]
    : await Promise.all([ports.store.runs.rootSteps(runId), ports.store.runs.gatesBelow(runId)]);
  const isOtherInput = input !== undefined && canonicalJson(input) !== canonicalJson(run.input);
  const isOtherVersion = version !== undefined && version !== workflow.version;
  const changed = isOtherInput ? "input" : isOtherVersion ? "version" : null;
  return startRun(ports, {
    environment: workflow.environment,
    workflowId: workflow.id,
    version: version ?? workflow.version,
    input: input ?? run.input,
    labels,
    by,
    rerun: { source: { runId, steps, gates, changed }, from: fromState ?? null },
    ...(once && { once }),
  });
}

function purged(runId: RunId): Refusal {
  const message = `the values of run ${runId} were purged: it can be run again only from its start, with an input`;
  return { code: "invalid-transition", message };
}
