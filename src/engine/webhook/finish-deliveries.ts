import { hasPassed } from "../../core/time.ts";
import type { Delivery } from "../../core/webhook/delivery.ts";
import { NewerData, StoreUnavailable } from "../errors.ts";
import { pause } from "../pause.ts";
import type { Ports } from "../ports.ts";
import type { ActPorts } from "./act.ts";
import { finish } from "./again.ts";
import { KEPT, settled } from "./receive.ts";

export type FinishOptions = {
  /** How often to look. */
  readonly everyMs: number;
  /** Who takes longer over a delivery is dead. */
  readonly deadAfterMs: number;
};

const MOST_AT_ONCE = 50;
const HOUR_MS = 3_600_000;

/**
 * Finishes deliveries over which a process died, for not every sender sends again, and forgets old ones. Every process does; what two of them
 * finish has its effect once, as every event.
 */
export async function finishDeliveries(
  ports: ActPorts & Pick<Ports, "log">,
  { everyMs, deadAfterMs }: FinishOptions,
  signal: AbortSignal,
): Promise<void> {
  const { hooks } = ports.store;
  let forgotAt = 0;
  // What is left to newer programs must not hold up what stands behind it.
  let last: Delivery | null = null;
  while (!signal.aborted) {
    try {
      const now = ports.clock.now();
      if (hasPassed(HOUR_MS, forgotAt, now)) {
        await hooks.deliveries.forget(now - KEPT.ms);
        forgotAt = now;
      }
      const left: readonly Delivery[] = await hooks.deliveries.unfinished(
        now - deadAfterMs,
        MOST_AT_ONCE,
        last,
      );
      for (const delivery of left) {
        const hook = await hooks.find(delivery.hookId);
        if (!hook) continue; // deleted since
        const { outcome } = await finish(ports, hook, delivery).catch((error: unknown) =>
          givenUp(ports, delivery, error),
        );
        const facts = { delivery_id: delivery.id, hook_id: hook.id, status: outcome.status };
        const isLeft = outcome.status === "RECEIVED";
        ports.log.warn(`delivery of a dead process ${isLeft ? "left to newer programs" : "finished"}`, facts);
      }
      last = left.length < MOST_AT_ONCE ? null : (left.at(-1) ?? null);
    } catch (error) {
      ports.log.warn("deliveries cannot be finished", { error: String(error) });
    }
    await pause(everyMs, signal);
  }
}

/** What kills one process would kill the next: it is not tried for ever. What only newer programs know waits for one. */
async function givenUp(ports: ActPorts, delivery: Delivery, error: unknown): Promise<Delivery> {
  if (error instanceof StoreUnavailable) throw error;
  if (error instanceof NewerData) return delivery;
  const reason = `a mistake in Station: ${error instanceof Error ? error.message : String(error)}`;
  return settled(ports, delivery, { status: "FAILED", reason, errors: [] });
}
