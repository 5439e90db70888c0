import { pause } from "./pause.ts";
import type { Ports } from "./ports.ts";

export type ReconcileOptions = {
  readonly everyMs: number;
  readonly leaseMs: number;
  readonly strandedEveryMs: number;
};

/** One process at a time looks for what nobody would ever touch again: steps of dead workers, stranded branches. */
export async function reconcile(
  ports: Pick<Ports, "store" | "clock" | "log">,
  holder: string,
  options: ReconcileOptions,
  onWoken: () => void,
  signal: AbortSignal,
): Promise<void> {
  let lookAt = ports.clock.now() + options.strandedEveryMs;
  while (!signal.aborted) {
    try {
      const now = ports.clock.now();
      if (await ports.store.leases.acquire("reconciler", holder, now, now + options.leaseMs)) {
        const orphans = await ports.store.leases.wakeOrphans(now);
        let stranded = 0;
        if (now >= lookAt) {
          stranded = await ports.store.leases.wakeStranded(now);
          lookAt = now + options.strandedEveryMs;
        }
        if (orphans > 0) ports.log.warn("steps of a dead worker woken", { count: orphans });
        if (stranded > 0) ports.log.error("stranded branches woken", { count: stranded });
        if (orphans + stranded > 0) onWoken();
      }
    } catch (error) {
      ports.log.warn("reconciler cannot work", { error: String(error) });
    }
    await pause(options.everyMs, signal);
  }
}
