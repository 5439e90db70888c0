import type { StepId } from "../core/run/ids.ts";
import { isOver } from "../core/run/run.ts";
import { pause } from "./pause.ts";
import type { TaskQueue } from "./ports/queue.ts";
import type { Ports } from "./ports.ts";
import { StepLost, type Worker } from "./worker.ts";

/** What a heart remembers between two beats. */
export type Pulse = {
  /** A step taken after a beat began is not judged by it. */
  count: number;
  /** Steps that were the worker's at the last beat though it was not executing them. */
  forgotten: ReadonlySet<StepId>;
};

/** After so many beats that did not come somebody is silent. */
const SILENT_BEATS = 1.3;
const BEATS_PER_LEASE = 3;

/** What a sign of life needs. */
type Alive = Pick<Ports, "store" | "clock"> & { readonly queue: Pick<TaskQueue, "isVisible"> };

/** Says that a process is alive; answers the steps that are its own. */
export function sayAlive({ store, clock, queue }: Alive, holder: string, leaseMs: number) {
  const now = clock.now();
  const silentAt = Math.ceil(now + (SILENT_BEATS * leaseMs) / BEATS_PER_LEASE);
  return store.leases.renew(holder, now + leaseMs, ...(queue.isVisible() ? [silentAt] : []));
}

export function newPulse(): Pulse {
  return { count: 0, forgotten: new Set() };
}

/** Beats three times per lease until `signal` aborts. */
export async function keepBeating(
  ports: Alive & Pick<Ports, "log">,
  worker: Worker,
  pulse: Pulse,
  leaseMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await beat(ports, worker, pulse, leaseMs);
    } catch (error) {
      ports.log.warn("lease not renewed", { worker: worker.id, error: String(error) });
    }
    await pause(leaseMs / BEATS_PER_LEASE, signal);
  }
}

/**
 * Gives a step in hand up at once when its run is said to have ended and has; who misses the word has the next beat.
 * Answers how to stop.
 */
export function heedEnds(
  { queue, store, log }: Pick<Ports, "store" | "log" | "queue">,
  worker: Worker,
): () => void {
  return queue.onAnnounced((_, ended) => {
    if (ended.length === 0) return;
    for (const [stepId, { runId, abort }] of worker.executing) {
      if (abort.signal.aborted || !ended.includes(runId)) continue;
      store.queries.status(runId).then(
        (status) => {
          if (status !== null && !isOver(status)) return;
          giveUp(log, worker, stepId, "its run has ended");
        },
        (error: unknown) => log.warn("end of a run not seen yet", { run_id: runId, error: String(error) }),
      );
    }
  });
}

/** Stops what is done for a step that is no longer the worker's, once. */
function giveUp(log: Ports["log"], worker: Worker, stepId: StepId, reason: string): void {
  const abort = worker.executing.get(stepId)?.abort;
  if (!abort || abort.signal.aborted) return;
  log.info("step given up", { step_id: stepId, worker: worker.id });
  abort.abort(new StepLost(reason));
}

/**
 * Says "alive" for all steps of a worker at once. Steps in hand that are no longer its own (cancelled, taken over) are
 * given up; steps that are its own and not in hand (the commit that claimed them was told to have failed) are taken up.
 */
export async function beat(
  ports: Alive & Pick<Ports, "log">,
  worker: Worker,
  pulse: Pulse,
  leaseMs: number,
): Promise<void> {
  const count = ++pulse.count;
  const held = await sayAlive(ports, worker.id, leaseMs);
  for (const [stepId, execution] of worker.executing) {
    if (execution.beat >= count || held.has(stepId)) continue;
    giveUp(ports.log, worker, stepId, "the step was cancelled or taken over");
  }
  const idle = [...held].filter(([stepId]) => !worker.executing.has(stepId));
  const before = pulse.forgotten;
  pulse.forgotten = new Set(idle.map(([stepId]) => stepId));
  for (const [stepId, { runId, branch }] of idle) {
    if (!before.has(stepId)) continue;
    ports.log.warn("step taken up again", { run_id: runId, step_id: stepId, worker: worker.id });
    worker.activate(runId, branch).catch((error: unknown) => {
      ports.log.warn("step not taken up", { run_id: runId, step_id: stepId, error: String(error) });
    });
  }
}
