import { parseInstant } from "./time.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Seconds that a `Retry-After` asks for at `now`, written as a number of them or as a date; `undefined` for anything else. */
export function secondsToWait(written: string | undefined, now: number): number | undefined {
  if (written === undefined || written.trim() === "") return undefined;
  const seconds = Number(written);
  if (Number.isFinite(seconds)) return Math.max(seconds, 0);
  const at = momentIn(written);
  return at === null ? undefined : Math.max((at - now) / 1000, 0);
}

/** `Fri, 31 Dec 2027 23:59:59 GMT` */
function momentIn(text: string): number | null {
  const [, day, month = "", year, time] =
    /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(text.trim()) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  return number === 0 ? null : parseInstant(`${year}-${String(number).padStart(2, "0")}-${day}T${time}Z`);
}
