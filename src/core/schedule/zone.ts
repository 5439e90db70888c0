import { isoTime } from "../time.ts";

/** Clocks are set at full quarters of an hour. */
export const QUARTER_MS = 900_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Offsets that were looked up, so that a schedule's next tick costs microseconds. */
const MOST_KNOWN = 512;

/** How the clocks of one time zone are set. */
export type Zone = {
  /** Milliseconds ahead of UTC. */
  offsetAt(at: number): number;
};

const zones = new Map<string, Zone>();

/** The clocks of an IANA time zone; throws a `RangeError` for a name that is none. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  const offsets = new Map<number, number>();
  const zone: Zone = {
    offsetAt(at) {
      const quarter = Math.floor(at / QUARTER_MS);
      const found = offsets.get(quarter);
      if (found !== undefined) return found;
      if (offsets.size >= MOST_KNOWN) offsets.clear();
      const offset = readOffset(format.format(at));
      offsets.set(quarter, offset);
      return offset;
    },
  };
  zones.set(name, zone);
  return zone;
}

/** `3/29/2026, GMT+02:00` */
function readOffset(text: string): number {
  const [, sign, hours, minutes, seconds = "0"] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  const ms = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds)) * 1000;
  return sign === "-" ? -ms : ms;
}

/**
 * The moment at which the clocks show a time, given as if it were UTC. A time that they show twice is the first of
 * the two; one that they leave out is the moment they jump.
 */
export function momentOf(wall: number, zone: Zone): number {
  const [before, after] = [zone.offsetAt(wall - DAY_MS), zone.offsetAt(wall + DAY_MS)];
  if (before === after) return wall - before;
  const shown = [wall - before, wall - after].filter((at) => at + zone.offsetAt(at) === wall);
  return shown.length > 0 ? Math.min(...shown) : jumpBetween(wall - after, wall - before, zone);
}

/** The first minute behind `from`, up to `to`, at which the clocks are set as they are at `to`. */
function jumpBetween(from: number, to: number, zone: Zone): number {
  const set = zone.offsetAt(to);
  let [low, high] = [from, to];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / MINUTE_MS / 2) * MINUTE_MS;
    if (zone.offsetAt(middle) === set) high = middle;
    else low = middle;
  }
  return high;
}

/** What the clocks show: RFC 3339 without fractions, `2026-03-29T03:00:00+02:00`. */
export function localTime(at: number, timezone: string): string {
  const offset = zoneOf(timezone).offsetAt(at);
  const minutes = Math.abs(offset) / MINUTE_MS;
  const sign = offset < 0 ? "-" : "+";
  return `${isoTime(at + offset).slice(0, 19)}${sign}${pad(Math.floor(minutes / 60))}:${pad(Math.floor(minutes % 60))}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
