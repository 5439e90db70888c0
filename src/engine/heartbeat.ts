import { pause } from "./pause.ts";
import type { Ports } from "./ports.ts";
import type { Worker } from "./worker.ts";

/** Counts heartbeats: a step taken after one began is not judged by it. */
export type Pulse = { count: number };

/**
 * Says "alive" for all steps of a worker at once, three times per lease, and gives up the steps that the store says
 * are no longer its own: cancelled, timed out with their branch, or taken over.
 */
export async function beat(
  ports: Pick<Ports, "store" | "clock" | "log">,
  worker: Worker,
  pulse: Pulse,
  leaseMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const count = ++pulse.count;
      const held = await ports.store.leases.renew(worker.id, ports.clock.now() + leaseMs);
      for (const [stepId, execution] of worker.executing) {
        if (execution.beat >= count || held.has(stepId)) continue;
        ports.log.info("step given up", { step_id: stepId, worker: worker.id });
        execution.abort.abort(new StepLost("the step was cancelled or taken over"));
      }
    } catch (error) {
      ports.log.warn("lease not renewed", { worker: worker.id, error: String(error) });
    }
    await pause(leaseMs / 3, signal);
  }
}

/** The step is no longer this worker's: it was cancelled, or another took it over. */
export class StepLost extends Error {
  override readonly name = "AbortError";
}
