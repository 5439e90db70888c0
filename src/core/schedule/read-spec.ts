import { CRON_EXPECTED, cronComplaint } from "../definition/cron.ts";
import type { JsonObject } from "../json.ts";
import { parseInstant } from "../time.ts";
import type { Overlap } from "./overlap.ts";
import { DEFAULTS, type ScheduleSpec, type Timing } from "./schedule.ts";
import { isTimeZone, TIMEZONE_EXPECTED, timezoneHint } from "./timezone.ts";

/** What somebody says a schedule should do; times are RFC 3339. */
export type SaidSpec = {
  readonly cron?: string;
  readonly timezone?: string;
  readonly everySeconds?: number;
  readonly anchorAt?: string;
  readonly input?: JsonObject;
  readonly overlap?: Overlap;
  readonly catchUpSeconds?: number;
  readonly jitterSeconds?: number;
  readonly startAt?: string | null;
  readonly endAt?: string | null;
};

/** One thing that is wrong, at a JSON pointer. */
export type SpecFault = { readonly pointer: string; readonly message: string; readonly hint?: string };

/** A schedule's specification from what was said, or everything that is wrong with it. */
export function readSpec(
  said: SaidSpec,
):
  | { readonly ok: true; readonly spec: ScheduleSpec }
  | { readonly ok: false; readonly faults: readonly SpecFault[] } {
  const faults: SpecFault[] = [];
  const timing = readTiming(said, faults);
  const startAt = readTime("startAt", said.startAt, faults);
  const endAt = readTime("endAt", said.endAt, faults);
  if (startAt !== null && endAt !== null && endAt <= startAt)
    faults.push({ pointer: "/endAt", message: "must be later than startAt" });
  if (!timing || faults.length > 0) return { ok: false, faults };
  const { input = {}, overlap, catchUpSeconds, jitterSeconds } = said;
  const spec = {
    timing,
    input,
    overlap: overlap ?? DEFAULTS.overlap,
    catchUpSeconds: catchUpSeconds ?? DEFAULTS.catchUpSeconds,
    jitterSeconds: jitterSeconds ?? DEFAULTS.jitterSeconds,
    startAt,
    endAt,
  };
  return { ok: true, spec };
}

function readTiming(said: SaidSpec, faults: SpecFault[]): Timing | null {
  const { cron, timezone, everySeconds } = said;
  if (cron !== undefined && everySeconds !== undefined) {
    faults.push({
      pointer: "/everySeconds",
      message: "says when as well as cron does",
      hint: "keep one of them",
    });
    return null;
  }
  if (everySeconds !== undefined) {
    if (timezone !== undefined)
      faults.push({
        pointer: "/timezone",
        message: "means nothing beside everySeconds: an interval knows no clocks",
      });
    return { kind: "interval", everySeconds, anchorAt: readTime("anchorAt", said.anchorAt, faults) ?? 0 };
  }
  if (cron === undefined) {
    faults.push({ pointer: "/cron", message: "is missing", hint: "say cron, or everySeconds" });
    return null;
  }
  if (said.anchorAt !== undefined)
    faults.push({
      pointer: "/anchorAt",
      message: "means nothing beside cron",
      hint: "it belongs to everySeconds",
    });
  checkCron(cron, faults);
  if (timezone !== undefined && !isTimeZone(timezone))
    faults.push(
      fault("/timezone", `must be ${TIMEZONE_EXPECTED}, not "${timezone}"`, timezoneHint(timezone)),
    );
  return { kind: "cron", cron: cron.trim(), timezone: timezone ?? "UTC" };
}

function checkCron(cron: string, faults: SpecFault[]): void {
  const complaint = cronComplaint(cron.trim());
  if (complaint === null) return;
  const [, ...five] = cron.trim().split(/\s+/);
  const withoutSeconds = five.join(" ");
  const isSix = five.length === 5 && cronComplaint(withoutSeconds) === null;
  const hint = isSix ? `without seconds: "${withoutSeconds}"` : undefined;
  faults.push(fault("/cron", `must be ${CRON_EXPECTED}: ${complaint}`, hint));
}

function readTime(name: string, text: string | null | undefined, faults: SpecFault[]): number | null {
  if (text === undefined || text === null) return null;
  const at = parseInstant(text);
  if (at === null)
    faults.push({ pointer: `/${name}`, message: `must be a time like 2026-01-05T09:00:00Z, not "${text}"` });
  return at;
}

function fault(pointer: string, message: string, hint: string | undefined): SpecFault {
  return { pointer, message, ...(hint !== undefined && { hint }) };
}
