import { cronComplaint } from "../cron.ts";
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
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
    return timezone;
  } catch {
    const complaint = `must be a time zone like "Europe/Berlin", not "${timezone}"`;
    return refuse(fields, found, complaint, "time zone", "INVALID_CRON") ?? "UTC";
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
