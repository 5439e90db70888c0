import type { By } from "../core/identity/channel.ts";
import { APPLIES, type BulkAction } from "../core/run/bulk.ts";
import type { RunId } from "../core/run/ids.ts";
import { type ControlPorts, type ControlResult, cancelRun, pauseRun, resumeRun } from "./control-run.ts";
import type { RunFilter, RunSummary } from "./ports/queries.ts";
import type { Ports } from "./ports.ts";
import { rerunRun } from "./rerun-run.ts";
import { replayOf } from "./start-run.ts";

/** So many runs are worked on at once. */
const AT_ONCE = 8;

export type BulkRequest = {
  readonly action: BulkAction;
  readonly filter: RunFilter;
  readonly reason: string | null;
  readonly by: By;
  /** Makes a repeated request start no run twice. */
  readonly key: string | null;
};

/** What became of one run; `newRun` is the one that runs it again. */
export type BulkItem = {
  readonly run: RunSummary;
  readonly result: ControlResult;
  readonly newRun: RunId | null;
};

/** The filter, narrowed to the runs the action can do anything to; `null` when it leaves none by its statuses. */
export function narrowed(action: BulkAction, filter: RunFilter): RunFilter | null {
  const wanted = filter.status ?? [];
  const status = APPLIES[action].filter((one) => wanted.length === 0 || wanted.includes(one));
  return status.length === 0 ? null : { ...filter, status };
}

/** How many runs the action would do something to. */
export async function countMatching(
  ports: { readonly store: Pick<Ports["store"], "queries"> },
  filter: RunFilter,
): Promise<number> {
  const counts = await ports.store.queries.counts(filter);
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Does the same to many runs, newest first and each by itself: one that cannot be changed stops no other. */
export async function actOnRuns(
  ports: ControlPorts & Pick<Ports, "schemas">,
  request: BulkRequest,
  limit: number,
): Promise<readonly BulkItem[]> {
  const runs = await ports.store.queries.runs(request.filter, { limit });
  const items: BulkItem[] = [];
  for (let i = 0; i < runs.length; i += AT_ONCE)
    items.push(...(await Promise.all(runs.slice(i, i + AT_ONCE).map((run) => actOn(ports, request, run)))));
  return items;
}

async function actOn(
  ports: ControlPorts & Pick<Ports, "schemas">,
  request: BulkRequest,
  run: RunSummary,
): Promise<BulkItem> {
  const { by, reason } = request;
  switch (request.action) {
    case "pause":
      return { run, result: await pauseRun(ports, run.runId, by, reason), newRun: null };
    case "resume":
      return { run, result: await resumeRun(ports, run.runId, by), newRun: null };
    case "cancel":
      return { run, result: await cancelRun(ports, run.runId, by, reason), newRun: null };
    case "rerun":
      return rerunOne(ports, request, run);
  }
}

async function rerunOne(
  ports: ControlPorts & Pick<Ports, "schemas">,
  request: BulkRequest,
  run: RunSummary,
): Promise<BulkItem> {
  const { runId } = run;
  const refused = (message: string): BulkItem => ({
    run,
    result: { status: "refused", refusal: { code: "invalid-transition", message } },
    newRun: null,
  });
  if (await isOwn(ports, request, runId)) return refused("this request itself started it");
  const once = onceOf(request, runId);
  const result = await rerunRun(ports, { runId, by: request.by, ...(once && { once }) });
  switch (result.status) {
    case "started":
      return { run, result: { status: "done", changed: !result.replayed }, newRun: result.runId };
    case "refused":
      return { run, result, newRun: null };
    case "unknown-run":
      return { run, result: { status: "unknown" }, newRun: null };
    case "unknown-workflow":
      return refused(`workflow "${run.workflowId}" is not there any more`);
    case "disabled":
      return refused(`workflow "${run.workflowId}" is disabled`);
    case "invalid-input":
      return refused(`its input does not fit any more: ${result.errors[0]?.message ?? ""}`);
    case "key-reused":
      return refused("the idempotency key was used for another request");
  }
}

/** Whether a run came of the same request before: asked again, its filter finds these, too. */
async function isOwn(
  ports: Pick<Ports, "store" | "clock">,
  request: BulkRequest,
  runId: RunId,
): Promise<boolean> {
  if (request.key === null) return false;
  const earlier = (await ports.store.queries.run(runId, ports.clock.now()))?.rerunOf?.runId;
  const once = earlier && onceOf(request, earlier);
  const before = once && (await replayOf(ports, once));
  return before?.status === "started" && before.runId === runId;
}

function onceOf({ by, key }: BulkRequest, runId: RunId) {
  return key === null ? null : { principal: by.actor, key: `${key}/${runId}`, requestHash: runId };
}
