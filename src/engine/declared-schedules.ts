import type { By } from "../core/identity/channel.ts";
import { hasPassed } from "../core/time.ts";
import { addSchedule, removeSchedule, saysTheSame, specOf, updateSchedule } from "./change-schedule.ts";
import type { SchedulePorts } from "./fire-schedules.ts";
import type { Declared } from "./ports/schedules.ts";

/** Looks again even if nothing seems to have changed. */
const EVERY_MS = 60_000;

/**
 * Keeps the schedules that workflows declare as the current versions say, whichever way a version came. Looks only when
 * a workflow was published, removed or switched, or a minute has passed.
 */
export function followWorkflows(ports: SchedulePorts): () => Promise<void> {
  let seen: string | null = null;
  let lookedAt = 0;
  return async () => {
    const now = ports.clock.now();
    const mark = await ports.store.workflows.mark();
    if (mark === seen && !hasPassed(EVERY_MS, lookedAt, now)) return;
    await takeDeclared(ports);
    seen = mark;
    lookedAt = now;
  };
}

async function takeDeclared(ports: SchedulePorts): Promise<void> {
  const { schedules } = ports.store;
  // In this order: what another process adds meanwhile is not taken for one that nobody declares.
  const known = new Map((await schedules.fromWorkflows()).map((one) => [keyOf(one), one]));
  const declared = new Map((await schedules.declared()).map((one) => [keyOf(one), one]));
  for (const [key, one] of declared) {
    const { environment, workflowId, schedule } = one;
    const { cron, timezone, ...rest } = schedule;
    const spec = specOf({ timing: { kind: "cron", cron, timezone }, ...rest });
    const there = known.get(key);
    if (there) {
      if (!saysTheSame(there, { workflowId, spec }))
        await updateSchedule(ports, there.id, { workflowId, spec }, byOf(one));
    } else {
      const name = declaredName(workflowId);
      await addSchedule(ports, { environment, name, workflowId, origin: "workflow", spec }, byOf(one));
    }
  }
  const by: By = { actor: "system:schedules", channel: "workflow" };
  for (const [key, { id }] of known) if (!declared.has(key)) await removeSchedule(ports, id, by);
}

/** The name of the schedule that a workflow declares; no other may have a colon. */
function declaredName(workflowId: string): string {
  return `workflow:${workflowId}`;
}

function keyOf({ environment, workflowId }: Pick<Declared, "environment" | "workflowId">): string {
  return JSON.stringify([environment, workflowId]);
}

function byOf({ by }: Declared): By {
  return { actor: by, channel: "workflow" };
}
