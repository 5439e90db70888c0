import { OVERLAPS } from "../../schedule/overlap.ts";
import { isTimeZone, TIMEZONE_EXPECTED, timezoneHint } from "../../schedule/timezone.ts";
import { CRON_EXPECTED, cronComplaint } from "../cron.ts";
import type { Concurrency, Schedule } from "../types.ts";
import { type Fields, type Found, find, innerFields, refuseUnknown } from "./fields.ts";
import { number, object, oneOf, refuse, requiredText, seconds, text } from "./read.ts";

/** The keys of a schedule, from `schedule` itself or from a start state of type `cron`. */
export function readSchedule(fields: Fields): Schedule {
  const input = object(fields, find(fields, "input"));
  const overlap = oneOf(fields, find(fields, "overlap"), OVERLAPS);
  const catchUpSeconds = readCatchUp(fields);
  return {
    cron: readCron(fields, find(fields, "cron")),
    timezone: readTimezone(fields, find(fields, "timezone")),
    ...(input && { input }),
    ...(overlap !== undefined && { overlap }),
    ...(catchUpSeconds !== undefined && { catchUpSeconds }),
  };
}

function readCatchUp(fields: Fields): number | undefined {
  if (find(fields, "catchUp")?.value === "none") return 0;
  const spellings = ["catchUpSeconds", "catch_up_seconds", "catchUp"];
  return seconds(
    fields,
    spellings.map((key) => [fields, key] as const),
    "catchUpSeconds",
    0,
  );
}

function readCron(fields: Fields, found: Found | null): string {
  const cron = requiredText(fields, found, "cron").trim();
  if (!found || cron === "") return "";
  const complaint = cronComplaint(cron);
  if (complaint === null) return cron;
  const expected = CRON_EXPECTED;
  return refuse(fields, found, `must be ${expected}: ${complaint}`, expected, "INVALID_CRON") ?? "";
}

function readTimezone(fields: Fields, found: Found | null): string {
  const timezone = text(fields, found);
  if (!found || timezone === undefined || isTimeZone(timezone)) return timezone ?? "UTC";
  const expected = TIMEZONE_EXPECTED;
  const hint = timezoneHint(timezone);
  return (
    refuse(fields, found, `must be ${expected}, not "${timezone}"`, expected, "INVALID_CRON", hint) ?? "UTC"
  );
}

/** How many runs with the same key may go on at once; without a key all of the workflow's count together. */
export function readConcurrency(workflow: Fields, id: string): Concurrency | undefined {
  const fields = innerFields(workflow, "concurrency");
  if (!fields) return undefined;
  const concurrency: Concurrency = {
    key: text(fields, find(fields, "key")) ?? id,
    limit: number(fields, find(fields, "limit"), { min: 1, whole: true }) ?? 1,
    onConflict: oneOf(fields, find(fields, "onConflict"), ["queue", "reject", "cancel"]) ?? "queue",
  };
  refuseUnknown(fields);
  return concurrency;
}
