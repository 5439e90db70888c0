import { followWorkflows } from "./declared-schedules.ts";
import { fireSchedules, type SchedulePorts } from "./fire-schedules.ts";
import { pause } from "./pause.ts";

export type SchedulerOptions = {
  /** How often to look for what others have changed; what this process knows of is met in time. */
  readonly pollMs: number;
  readonly batch: number;
};

/** Others were faster at all of it: they are let through. */
const YIELD_MS = 50;

/**
 * Fires schedules when their time has come, and keeps those that workflows declare as their definitions say. Any number
 * of processes may do it; each tick is decided by one of them.
 */
export async function runScheduler(
  ports: SchedulePorts,
  { pollMs, batch }: SchedulerOptions,
  signal: AbortSignal,
): Promise<void> {
  const follow = followWorkflows(ports);
  while (!signal.aborted) {
    // Processes that started together do not look together for ever.
    let wait = pollMs * (0.75 + ports.clock.random() / 2);
    try {
      await follow();
      const { standings, nextLookAt } = await ports.store.schedules.due(ports.clock.now(), batch);
      if (standings.length > 0) wait = (await fireSchedules(ports, standings)) > 0 ? 0 : YIELD_MS;
      else if (nextLookAt !== null) wait = Math.min(wait, Math.max(0, nextLookAt - ports.clock.now()));
    } catch (error) {
      ports.log.warn("scheduler cannot work", { error: String(error) });
    }
    await pause(wait, signal);
  }
}
