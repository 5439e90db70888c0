import { canonicalHash } from "../core/canonical.ts";
import type { By } from "../core/identity/channel.ts";
import { DEFAULTS, type Schedule, type ScheduleSpec } from "../core/schedule/schedule.ts";
import { passOver, type Standing, type Turn, takeTurn } from "../core/schedule/take-turn.ts";
import { adminEvent } from "./admin-event.ts";
import { fireSchedules, type SchedulePorts } from "./fire-schedules.ts";
import { newId } from "./ids.ts";
import type { AdminEvent } from "./ports/admin-events.ts";
import type { Clock } from "./ports.ts";

type Draft = Pick<Schedule, "environment" | "name" | "workflowId" | "origin" | "spec">;

/** After so many changes of others in between, something is wrong. */
const MAX_OVERTAKEN = 50;

/** Makes a schedule; `null` when the environment has one of this name. */
export async function addSchedule(ports: SchedulePorts, draft: Draft, by: By): Promise<Schedule | null> {
  const now = ports.clock.now();
  const schedule: Schedule = {
    ...draft,
    id: newId("sch", ports.clock),
    paused: null,
    consideredUntil: now,
    lookAt: now,
    revision: 1,
    createdAt: now,
    createdBy: by.actor,
    updatedAt: now,
    updatedBy: by.actor,
  };
  const event = scheduleEvent(ports.clock, "schedule.created", schedule, by, {
    workflowId: draft.workflowId,
  });
  return (await ports.store.schedules.add(schedule, event)) ? schedule : null;
}

/** What it says from here on; times that have come are still the old ones. */
export async function updateSchedule(
  ports: SchedulePorts,
  id: string,
  next: Pick<Schedule, "workflowId" | "spec">,
  by: By,
): Promise<Schedule | null> {
  return changeSchedule(ports, id, (standing, now) => {
    const { schedule } = standing;
    if (saysTheSame(schedule, next)) return null;
    const { paused } = schedule;
    const why = paused ? `paused by ${paused.by}` : "the schedule was changed before it fired";
    const turn = passOver(standing, now, why);
    const event = scheduleEvent(ports.clock, "schedule.updated", schedule, by, {
      workflowId: next.workflowId,
    });
    return { turn, event, change: { ...next, updatedAt: now, updatedBy: by.actor } };
  });
}

/** No tick fires until `resumeSchedule`; whatever runs goes on. Pausing twice keeps the first reason. */
export async function pauseSchedule(
  ports: SchedulePorts,
  id: string,
  reason: string | null,
  by: By,
): Promise<Schedule | null> {
  return changeSchedule(ports, id, ({ schedule, open }, now) => {
    if (schedule.paused) return null;
    const paused = { at: now, by: by.actor, reason };
    const turn = takeTurn({ schedule: { ...schedule, paused }, open }, now);
    return {
      turn,
      event: scheduleEvent(ports.clock, "schedule.paused", schedule, by, { reason }),
      change: { paused },
    };
  });
}

/** Fires again from here on; the ticks in between are recorded as missed. */
export async function resumeSchedule(ports: SchedulePorts, id: string, by: By): Promise<Schedule | null> {
  return changeSchedule(ports, id, (standing, now) => {
    const { schedule } = standing;
    if (!schedule.paused) return null;
    const turn = passOver(standing, now, `paused by ${schedule.paused.by}`);
    return {
      turn,
      event: scheduleEvent(ports.clock, "schedule.resumed", schedule, by, {}),
      change: { paused: null },
    };
  });
}

/** Ends a schedule with its history; its runs stay. False when there is none. */
export async function removeSchedule(ports: SchedulePorts, id: string, by: By): Promise<boolean> {
  for (let overtaken = 0; overtaken < MAX_OVERTAKEN; overtaken++) {
    const found = await upToDate(ports, id);
    if (!found) return false;
    const { schedule } = found.standing;
    const event = scheduleEvent(ports.clock, "schedule.deleted", schedule, by, {
      workflowId: schedule.workflowId,
    });
    if (await ports.store.schedules.remove(schedule, event)) return true;
  }
  throw overtakenBy(id);
}

type Change = {
  readonly turn: Turn;
  readonly event: AdminEvent;
  readonly change: Partial<Schedule>;
};

/** Changes a schedule as it stands once every tick whose time has come has its run; `null` when there is none. */
async function changeSchedule(
  ports: SchedulePorts,
  id: string,
  make: (standing: Standing, now: number) => Change | null,
): Promise<Schedule | null> {
  for (let overtaken = 0; overtaken < MAX_OVERTAKEN; overtaken++) {
    const found = await upToDate(ports, id);
    if (!found) return null;
    const before = found.standing.schedule;
    const made = make(found.standing, found.now);
    if (!made) return before;
    const { turn, event, change } = made;
    const { consideredUntil, lookAt } = turn;
    const after = { ...before, consideredUntil, lookAt, ...change };
    const kept = await ports.store.schedules.keep([{ before, after, turn, event }]);
    if (kept.has(id)) return { ...after, revision: before.revision + 1 };
  }
  throw overtakenBy(id);
}

/**
 * A schedule at a moment at which no tick's time has come, and whose decided ticks were started by what it says: whoever
 * decided them may have died.
 */
async function upToDate(
  ports: SchedulePorts,
  id: string,
): Promise<{ readonly standing: Standing; readonly now: number } | null> {
  for (let overtaken = 0; overtaken < MAX_OVERTAKEN; overtaken++) {
    const standing = await ports.store.schedules.standing(id);
    const now = ports.clock.now();
    if (!standing) return null;
    const { ticks, starts } = takeTurn(standing, now);
    if (ticks.length === 0 && (starts.length === 0 || overtaken > 0)) return { standing, now };
    await fireSchedules(ports, [standing]);
  }
  throw overtakenBy(id);
}

function overtakenBy(id: string): Error {
  return new Error(`schedule ${id}: ${MAX_OVERTAKEN} changes in a row were overtaken by others`);
}

/** What was done to a schedule, for the audit trail. */
export function scheduleEvent(
  clock: Clock,
  action: string,
  { environment, name }: Pick<Schedule, "environment" | "name">,
  by: By,
  data: AdminEvent["data"],
): AdminEvent {
  return adminEvent(clock, by, { action, environment, subject: `schedule:${environment}/${name}`, data });
}

/** True when two schedules start the same at the same times. */
export function saysTheSame(a: Pick<Schedule, "workflowId" | "spec">, b: typeof a): boolean {
  return canonicalHash([a.workflowId, a.spec]) === canonicalHash([b.workflowId, b.spec]);
}

/** A whole specification from what was said. */
export function specOf(said: Pick<ScheduleSpec, "timing"> & Partial<ScheduleSpec>): ScheduleSpec {
  return { ...DEFAULTS, input: {}, startAt: null, endAt: null, ...said };
}
