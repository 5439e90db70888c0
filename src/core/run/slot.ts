import type { Refusal } from "./commands.ts";
import type { RunId } from "./ids.ts";
import type { CalledBy, Run } from "./run.ts";
import type { Turn } from "./turn.ts";

/**
 * A place among the runs of one workflow with the same concurrency key: a started run holds it until it has ended, a
 * pause included, for itself and for the runs under that key which it has called, or those have. It goes to whoever was
 * created first; at most `limit` runs hold one.
 */
export type Slot = {
  readonly environment: string;
  readonly workflowId: string;
  readonly key: string;
  readonly limit: number;
  /** The run that wants it: those behind it do not count. `null`: whoever has not ended counts. */
  readonly behind: { readonly createdAt: number; readonly runId: RunId } | null;
};

/** More runs than these are not cancelled in one go to make room for another. */
const MOST_DISPLACED = 500;

/** The slot a run needs before it may start; `null` when nothing limits it. */
export function slotOf(run: Pick<Run, "id" | "workflow" | "definition" | "concurrencyKey" | "createdAt">) {
  const { id: runId, workflow, definition, concurrencyKey: key, createdAt } = run;
  const { concurrency } = definition;
  if (key === null || !concurrency) return null;
  const { environment, id: workflowId } = workflow;
  const { limit } = concurrency;
  return { environment, workflowId, key, limit, behind: { createdAt, runId } } satisfies Slot;
}

/** The slot that must be free for a run to come into being at all: it would be turned away later otherwise. */
export function slotToBegin(run: Parameters<typeof slotOf>[0]): Slot | null {
  const slot = slotOf(run);
  return slot && run.definition.concurrency?.onConflict === "reject" ? { ...slot, behind: null } : null;
}

/**
 * True when the run that a decision is about to start has a slot. Otherwise it waits, and whoever gives one up wakes it;
 * or those ahead of it that it takes the place of are named, to be cancelled before it is decided again.
 */
export function takesSlot(turn: Turn): boolean {
  const slot = slotOf(turn.run);
  if (!slot) return true;
  const displaces = turn.run.definition.concurrency?.onConflict === "cancel";
  const most = slot.limit + (displaces ? MOST_DISPLACED : 0);
  const { ahead } = turn.ask({ ask: "slot", key: "slot", slot, most });
  if (ahead.length < slot.limit) return true;
  if (displaces) {
    // Those that wait for its end are not what it comes instead of: it would end with them.
    const others = ahead.filter((runId) => !waitsFor(turn.run.calledBy, runId));
    turn.displaces = others.slice(0, ahead.length - slot.limit + 1);
  }
  return false;
}

/** True when `runId` waits, itself or through others, for the end of a run that was called by `calledBy`. */
function waitsFor(calledBy: CalledBy | null, runId: RunId): boolean {
  return calledBy !== null && (calledBy.runId === runId || calledBy.within.includes(runId));
}

/**
 * True when a called run needs no slot of its own: one of these holders waits, itself or through others, for its end.
 * It goes on within that run's slot, beside whatever else that run has called: were it to wait, neither would ever end.
 */
export function goesWithin(calledBy: CalledBy, holders: readonly RunId[]): boolean {
  return holders.some((holder) => waitsFor(calledBy, holder));
}

/** Why a run cannot be begun while these are ahead of it; `null` when it can. */
export function turnedAway({ workflowId, key, limit }: Slot, ahead: readonly RunId[]): Refusal | null {
  const [holder] = ahead;
  if (holder === undefined || ahead.length < limit) return null;
  const which = limit === 1 ? "one run" : `${limit} runs`;
  const message = `workflow "${workflowId}" lets ${which} with the concurrency key "${key}" go on at once, and refuses more: run ${holder} has not ended`;
  return { code: "concurrency-limit", message, holder };
}
