import { pause } from "../pause.ts";
import type { Ports } from "../ports.ts";
import type { ActPorts } from "./act.ts";
import { finish } from "./again.ts";

export type FinishOptions = {
  /** How often to look. */
  readonly everyMs: number;
  /** Who takes longer over a delivery is dead. */
  readonly deadAfterMs: number;
};

const MOST_AT_ONCE = 50;

/**
 * Finishes deliveries over which a process died: not every sender sends again. Every process does; what two of them
 * finish has its effect once, as every event.
 */
export async function finishDeliveries(
  ports: ActPorts & Pick<Ports, "log">,
  { everyMs, deadAfterMs }: FinishOptions,
  signal: AbortSignal,
): Promise<void> {
  const { hooks } = ports.store;
  while (!signal.aborted) {
    try {
      const left = await hooks.deliveries.unfinished(ports.clock.now() - deadAfterMs, MOST_AT_ONCE);
      for (const delivery of left) {
        const hook = await hooks.find(delivery.hookId);
        if (!hook) continue; // deleted since
        const { outcome } = await finish(ports, hook, delivery);
        const facts = { delivery_id: delivery.id, hook_id: hook.id, status: outcome.status };
        ports.log.warn("delivery of a dead process finished", facts);
      }
    } catch (error) {
      ports.log.warn("deliveries cannot be finished", { error: String(error) });
    }
    await pause(everyMs, signal);
  }
}
