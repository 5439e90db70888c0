import { nextTick, type Schedule } from "../../core/schedule/schedule.ts";
import { isoTime } from "../../core/time.ts";
import type { TickView } from "../../engine/ports/schedules.ts";
import type { Schedule as ScheduleJson, Tick as TickJson } from "../schemas/schedules.ts";

/** A schedule as the API shows it. */
export function scheduleJson(schedule: Schedule, last: TickView | null, now: number): ScheduleJson {
  const { id, name, environment, workflowId, origin, spec, paused } = schedule;
  const { timing, input, overlap, catchUpSeconds, jitterSeconds, startAt, endAt } = spec;
  const next = nextTick(spec, Math.max(now, schedule.consideredUntil));
  return {
    id,
    name,
    environment,
    workflowId,
    origin,
    status: paused ? "paused" : next === null ? "ended" : "active",
    cron: timing.kind === "cron" ? timing.cron : null,
    timezone: timing.kind === "cron" ? timing.timezone : null,
    everySeconds: timing.kind === "interval" ? timing.everySeconds : null,
    anchorAt: timing.kind === "interval" ? isoTime(timing.anchorAt) : null,
    input,
    overlap,
    catchUpSeconds,
    jitterSeconds,
    startAt: timeOf(startAt),
    endAt: timeOf(endAt),
    paused: paused && { at: isoTime(paused.at), by: paused.by, reason: paused.reason },
    nextAt: paused ? null : timeOf(next),
    last: last && tickJson(last),
    createdAt: isoTime(schedule.createdAt),
    createdBy: schedule.createdBy,
    updatedAt: isoTime(schedule.updatedAt),
    updatedBy: schedule.updatedBy,
  };
}

/** A tick as the API shows it. */
export function tickJson({ tick, runStatus }: TickView): TickJson {
  const { key, at, status, triggeredBy, decidedAt } = tick;
  return {
    key,
    at: isoTime(at),
    status,
    runId: "runId" in tick ? tick.runId : null,
    runStatus,
    reason: "reason" in tick ? tick.reason : null,
    until: "until" in tick ? isoTime(tick.until) : null,
    count: "count" in tick ? tick.count : null,
    triggeredBy,
    decidedAt: isoTime(decidedAt),
  };
}

function timeOf(at: number | null): string | null {
  return at === null ? null : isoTime(at);
}
