/** RFC 3339 in UTC with milliseconds, from milliseconds since 1970; the core has no clock and no `Date`. */
export function isoTime(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const { year, month, day } = civil(days);
  const rest = ms - days * 86_400_000;
  const hours = Math.floor(rest / 3_600_000);
  const minutes = Math.floor(rest / 60_000) % 60;
  const seconds = Math.floor(rest / 1000) % 60;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}.${pad(rest % 1000, 3)}Z`;
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|z|[+-]\d\d:?\d\d)?$/;

/** The last moment of the year 9999, in milliseconds since 1970: what comes later has no RFC 3339 spelling. */
export const LATEST = 253_402_300_799_999;

/** Whether `ms` have passed since `last`. A clock that was put back by as much says so too: nothing waits until it is there again. */
export function hasPassed(ms: number, last: number, now: number): boolean {
  return Math.abs(now - last) >= ms;
}

/** Milliseconds since 1970 of an RFC 3339 time (a date alone is midnight UTC); `null` when it is none. */
export function parseInstant(text: string): number | null {
  const match = INSTANT.exec(text.trim());
  if (!match) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const days = daysFromCivil(Number(year), Number(month), Number(day));
  const isDay = civil(days).month === Number(month) && civil(days).day === Number(day);
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  if (Number(zone.slice(1, 3)) > 23 || Number(zone.slice(-2)) > 59) return null;
  const at = days * 86_400_000;
  const clock = Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000;
  return at + clock + Number(fraction.padEnd(3, "0").slice(0, 3)) - offsetOf(zone);
}

function offsetOf(zone: string): number {
  if (zone === "Z" || zone === "z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** The proleptic Gregorian date of a day number; Howard Hinnant's `civil_from_days`. */
export function civil(days: number) {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const ofEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * ofYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: ofYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return (
    era * 146_097 +
    yearOfEra * 365 +
    Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) +
    ofYear -
    719_468
  );
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
