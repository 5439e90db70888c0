import { cronComplaint } from "../cron.ts";
import { didYouMean } from "../suggest.ts";
import type { Concurrency, Schedule } from "../types.ts";
import { type Fields, type Found, find, innerFields, refuseUnknown } from "./fields.ts";
import { missing, number, object, oneOf, refuse, requiredText, text } from "./read.ts";

/** The keys of a schedule, from `schedule` itself or from a start state of type `cron`. */
export function readSchedule(fields: Fields): Schedule {
  const input = object(fields, find(fields, "input"));
  const overlap = text(fields, find(fields, "overlap"));
  const catchUp = text(fields, find(fields, "catchUp"));
  return {
    cron: readCron(fields, find(fields, "cron")),
    timezone: readTimezone(fields, find(fields, "timezone")),
    ...(input && { input }),
    ...(overlap !== undefined && { overlap }),
    ...(catchUp !== undefined && { catchUp }),
  };
}

function readCron(fields: Fields, found: Found | null): string {
  const cron = requiredText(fields, found, "cron").trim();
  if (!found || cron === "") return "";
  const complaint = cronComplaint(cron);
  if (complaint === null) return cron;
  const expected = 'five fields like "0 6 * * 1-5", or a macro like @daily';
  return refuse(fields, found, `must be ${expected}: ${complaint}`, expected, "INVALID_CRON") ?? "";
}

function readTimezone(fields: Fields, found: Found | null): string {
  const timezone = text(fields, found);
  if (!found || timezone === undefined) return "UTC";
  if (isTimeZone(timezone)) return timezone;
  const expected = 'a time zone of the IANA database like "Europe/Berlin"';
  const hint = /^(?:UTC|GMT)?[+-]\d/.test(timezone)
    ? "an offset knows no daylight saving time: name the place whose clocks count"
    : didYouMean(timezone, ["UTC", ...Intl.supportedValuesOf("timeZone")]);
  return (
    refuse(fields, found, `must be ${expected}, not "${timezone}"`, expected, "INVALID_CRON", hint) ?? "UTC"
  );
}

/** True for a name of the IANA time zone database, its links and its old names included. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false; // offsets like "+01:00" are none
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** How many runs with the same key may run at once. */
export function readConcurrency(workflow: Fields): Concurrency | undefined {
  const fields = innerFields(workflow, "concurrency");
  if (!fields) return undefined;
  const limit = find(fields, "limit");
  if (!limit) missing(fields, "limit");
  const concurrency: Concurrency = {
    key: requiredText(fields, find(fields, "key"), "key", "a template over the input"),
    limit: number(fields, limit, { min: 1, whole: true }) ?? 1,
    onConflict: oneOf(fields, find(fields, "onConflict"), ["queue", "reject", "cancel"]) ?? "queue",
  };
  refuseUnknown(fields);
  return concurrency;
}
