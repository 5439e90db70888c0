import { createHash } from "node:crypto";
import type { By } from "../core/identity/channel.ts";
import type { Schedule } from "../core/schedule/schedule.ts";
import type { Tick } from "../core/schedule/tick.ts";
import { scheduleEvent } from "./change-schedule.ts";
import { fireByHand, type SchedulePorts } from "./fire-schedules.ts";

/** After so many changes of others in between, something is wrong. */
const MAX_OVERTAKEN = 50;

/**
 * Fires a schedule by hand and answers what came of it. The same `key` of the same person is the same tick; `force`
 * starts a run whatever an earlier one does. `null` when there is no such schedule.
 */
export async function triggerSchedule(
  ports: SchedulePorts,
  { id }: Pick<Schedule, "id">,
  { key, force }: { readonly key: string; readonly force: boolean },
  by: By,
): Promise<Tick | null> {
  const hash = createHash("sha256")
    .update(JSON.stringify([by.actor, key]))
    .digest("hex");
  const trigger = { key: `trigger:${hash.slice(0, 16)}`, by: by.actor, force };
  for (let overtaken = 0; overtaken < MAX_OVERTAKEN; overtaken++) {
    const known = await ports.store.schedules.tick(id, trigger.key);
    if (known) return known;
    const standing = await ports.store.schedules.standing(id);
    if (!standing) return null;
    const event = scheduleEvent(ports.clock, "schedule.triggered", standing.schedule, by, { force });
    await fireByHand(ports, standing, trigger, event);
  }
  throw new Error(`schedule ${id}: ${MAX_OVERTAKEN} changes in a row were overtaken by others`);
}
