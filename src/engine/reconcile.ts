import { hasPassed } from "../core/time.ts";
import { pause } from "./pause.ts";
import type { TaskQueue } from "./ports/queue.ts";
import type { Ports } from "./ports.ts";

export type ReconcileOptions = {
  /** How often to look for steps of workers that are gone. */
  readonly orphansEveryMs: number;
  /** How often to look whether an invariant is broken. */
  readonly strandedEveryMs: number;
};

/**
 * Looks for what nobody would ever touch again: steps of dead workers, stranded branches. Every process does; what two
 * of them wake is woken once.
 */
export async function reconcile(
  ports: Pick<Ports, "store" | "queue" | "clock" | "log">,
  options: ReconcileOptions,
  onWoken: () => void,
  signal: AbortSignal,
): Promise<void> {
  let lookedAt = ports.clock.now();
  while (!signal.aborted) {
    try {
      const now = ports.clock.now();
      await endSilent(ports, now);
      const orphans = await ports.store.leases.wakeOrphans(now);
      const ended = await ports.store.agents.sweep(now);
      if (ended > 0) ports.log.info("agent runs of steps that are over ended", { count: ended });
      let stranded = 0;
      if (hasPassed(options.strandedEveryMs, lookedAt, now)) {
        stranded = await ports.store.leases.wakeStranded(now);
        lookedAt = now;
      }
      if (orphans > 0) ports.log.warn("steps of a dead worker woken", { count: orphans });
      if (stranded > 0) ports.log.error("stranded branches woken", { count: stranded });
      if (orphans + stranded > 0) onWoken();
    } catch (error) {
      ports.log.warn("reconciler cannot work", { error: String(error) });
    }
    await pause(options.orphansEveryMs, signal);
  }
}

/**
 * Who was not heard of in time and is not connected to the queue any more is dead before its lease ends. A process that
 * only stands still stays connected, and one that only lost the queue is heard of.
 */
export async function endSilent(
  { store, queue, log }: Pick<Ports, "store" | "log"> & { readonly queue: Pick<TaskQueue, "isGone"> },
  now: number,
): Promise<void> {
  const silent = await store.leases.silent(now);
  await Promise.all(
    silent.map(async (one) => {
      if ((await queue.isGone(one.holder)) && (await store.leases.end(one)))
        log.warn("a process is gone", { worker: one.holder });
    }),
  );
}
