/** How times are shown everywhere; `t` goes from one to the next. */
export type TimeFormat = "relative" | "local" | "utc";

/** A length of time in milliseconds: `50 ms`, `13.6 s`, `18m 6s`, `3h 4m`, `2d 5h`. Never NaN, never negative. */
export function duration(ms: number): string {
  const value = Number.isFinite(ms) ? Math.max(0, ms) : 0;
  if (value < 999.5) return `${Math.round(value)} ms`;
  if (value < 59_950) return `${(value / 1000).toFixed(1)} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
const DAY_AND_TIME = {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
} as const;
const dayAndTime = new Intl.DateTimeFormat("en-GB", DAY_AND_TIME);
const yearAndTime = new Intl.DateTimeFormat("en-GB", { ...DAY_AND_TIME, year: "numeric" });
const UNITS = [
  ["second", 1000, 60],
  ["minute", 60_000, 60],
  ["hour", 3_600_000, 24],
  ["day", 86_400_000, 7],
  ["week", 604_800_000, Number.POSITIVE_INFINITY],
] as const;

/** `2m ago`, `in 5h`, `now`. */
export function ago(at: number, now: number): string {
  const difference = at - now;
  if (Math.abs(difference) < 1000) return "now";
  for (const [unit, size, limit] of UNITS)
    if (Math.round(Math.abs(difference) / size) < limit)
      return relative.format(Math.round(difference / size), unit);
  return "";
}

/** `2026-11-24 17:45:10 UTC`. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A moment as the person wants to read it; the year is said where it is another. */
export function moment(at: number, now: number, format: TimeFormat): string {
  if (format === "utc") return utc(at);
  if (format === "relative") return ago(at, now);
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (isThisYear ? dayAndTime : yearAndTime).format(at);
}

const dayAndHour = new Intl.DateTimeFormat("en-GB", {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

/** A length of time that was: `29 Nov, 10:00 – 11:00`. */
export function stretch(from: string, to: string): string {
  return dayAndHour.formatRange(Date.parse(from), Date.parse(to));
}

const ISO = /(?:(,? until|since|at) )?(\d{4}-\d\d-\d\dT[\d:.]+Z)/g;

/** A sentence with RFC 3339 moments in it, as the person wants to read them: `…, 57m left`, `… in 12s`, `… 3m ago`. */
export function inTheirTime(sentence: string, now: number, format: TimeFormat): string {
  return sentence.replace(ISO, (_, word: string | undefined, iso: string) => {
    const at = Date.parse(iso);
    if (format !== "relative") return `${word === undefined ? "" : `${word} `}${moment(at, now, format)}`;
    if (!word?.endsWith("until")) return ago(at, now);
    return at > now ? `, ${duration(at - now)} left` : ", overdue";
  });
}

const whole = new Intl.NumberFormat("en");
const bytesOf = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** `12,345`. */
export function count(value: number): string {
  return whole.format(value);
}

/** US dollars, as fine as they are small: `$0.0042`, `$1.25`. */
export function dollars(value: number): string {
  return `$${value.toFixed(value < 0.1 ? 4 : 2)}`;
}

/** Of 0 to 1: `96.4 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** `4.2 KB`, `2 MB`. */
export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 * 1024) return `${bytesOf.format(size / 1024)} KB`;
  return `${bytesOf.format(size / 1024 / 1024)} MB`;
}

/** `1 step`, `3 steps`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
