import { type Cron, readCron } from "../definition/cron.ts";
import { civil } from "../time.ts";
import { momentOf, QUARTER_MS, type Zone, zoneOf } from "./zone.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** A 29 February that is a Sunday may be forty years away. */
const MOST_DAYS = 41 * 366;

const known = new Map<string, Cron>();

/**
 * The first time after `after` that a cron expression names by the clocks of a time zone; `null` when none comes. Where
 * the hours are named, a time that the clocks leave out comes at the moment they jump, together with whatever comes
 * then, and one that they show twice comes the first time only. Where they are `*`, the hours that really pass count.
 */
export function nextCron(expression: string, timezone: string, after: number): number | null {
  const cron = cronOf(expression);
  const zone = zoneOf(timezone);
  const today = Math.floor((after + zone.offsetAt(after)) / DAY_MS);
  for (let day = today - 1; day <= today + MOST_DAYS; day++) {
    if (!isOn(cron, day)) continue;
    const at = cron.everyHour ? inHours(cron, zone, day, after) : inTimes(cron, zone, day, after);
    if (at !== null) return at;
  }
  return null;
}

function cronOf(expression: string): Cron {
  const found = known.get(expression);
  if (found) return found;
  const cron = readCron(expression);
  if (typeof cron === "string") throw new Error(`"${expression}" is no cron expression: ${cron}`);
  if (known.size >= 10_000) known.clear();
  known.set(expression, cron);
  return cron;
}

function isOn({ days, months, weekdays, eitherDay }: Cron, dayNumber: number): boolean {
  const { month, day } = civil(dayNumber);
  if (!months.includes(month)) return false;
  const [byDay, byWeekday] = [days.includes(day), weekdays.includes((((dayNumber + 4) % 7) + 7) % 7)];
  return eitherDay ? byDay || byWeekday : byDay && byWeekday;
}

/** The first of a day's named times that is later than `after`. */
function inTimes({ hours, minutes }: Cron, zone: Zone, day: number, after: number): number | null {
  const last = minutes.at(-1) ?? 0;
  for (const hour of hours) {
    const start = day * DAY_MS + hour * HOUR_MS;
    if (momentOf(start + last * MINUTE_MS, zone) <= after) continue;
    for (const minute of minutes) {
      const at = momentOf(start + minute * MINUTE_MS, zone);
      if (at > after) return at;
    }
  }
  return null;
}

/** The first moment of a day, later than `after`, at which the clocks show an hour and minute that count. */
function inHours({ hours, minutes }: Cron, zone: Zone, day: number, after: number): number | null {
  const end = momentOf((day + 1) * DAY_MS, zone);
  let at = Math.max(momentOf(day * DAY_MS, zone), (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS);
  while (at < end) {
    // Within a quarter of an hour nobody sets the clocks.
    const quarter = (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS;
    const wall = at + zone.offsetAt(at);
    const now = Math.floor(wall / MINUTE_MS) % 60;
    const isHour = hours.includes(Math.floor(wall / HOUR_MS) % 24);
    const minute = isHour ? minutes.find((one) => one >= now) : undefined;
    const next = minute === undefined ? quarter : at + (minute - now) * MINUTE_MS;
    if (next < quarter) return next < end ? next : null;
    at = quarter;
  }
  return null;
}
