import { isList, isObject, type JsonValue } from "../json.ts";
import type { Issue } from "./diagnostic.ts";
import { formOf } from "./form.ts";
import {
  type Fields,
  type Found,
  fieldsOf,
  find,
  innerFields,
  kindOf,
  refuseUnknown,
} from "./normalise/fields.ts";
import { object, refuse, requiredText, seconds, text } from "./normalise/read.ts";
import { fail, type Report } from "./normalise/report.ts";
import { readConcurrency, readSchedule } from "./normalise/schedule.ts";
import { type RawState, readStates } from "./normalise/states.ts";
import { remember } from "./origins.ts";
import { pointerTo } from "./pointer.ts";
import type { Definition, Schedule } from "./types.ts";

/**
 * What became of the author's value. `draft` is there as soon as it has states, errors or not, so that everything
 * wrong with it can be said at once; it may only be used when no issue is an error.
 */
export type Normalised = {
  readonly draft: Definition | null;
  readonly issues: readonly Issue[];
};

/** Turns what an author may write into the one canonical form. */
export function normalise(value: JsonValue): Normalised {
  const report: Report = { issues: [] };
  if (!isObject(value)) {
    fail(report, "WRONG_TYPE", "", `a workflow must be a map, not ${kindOf(value)}`, { expected: "object" });
    return { draft: null, ...report };
  }
  const fields = fieldsOf(report, value, "", "the workflow");
  return { draft: readDefinition(report, fields), ...report };
}

function readDefinition(report: Report, fields: Fields): Definition | null {
  text(fields, find(fields, "$schema")); // tells editors which schema to check with
  const id = readId(fields, find(fields, "id"));
  const version = text(fields, find(fields, "version")) ?? "1";
  const name = text(fields, find(fields, "name")) ?? id;
  const description = text(fields, find(fields, "description"));
  const labels = readLabels(fields, find(fields, "labels"));
  const inputSchema = object(fields, find(fields, "inputSchema"));
  const outputSchema = object(fields, find(fields, "outputSchema"));
  const output = text(fields, find(fields, "output"));
  const timeoutSeconds = seconds(
    fields,
    ["timeoutSeconds", "timeout_seconds", "timeout"].map((key) => [fields, key] as const),
    "timeoutSeconds",
  );
  const concurrency = readConcurrency(fields, id);
  const written = innerFields(fields, "schedule");
  const topSchedule = written && readSchedule(written);
  if (written) refuseUnknown(written);
  const start = text(fields, find(fields, "start"));
  const raw = rawStates(fields, find(fields, "states"));
  refuseUnknown(fields);
  if (raw.length === 0) return null;

  const cron = takeCronStart(report, raw, start);
  if (cron && topSchedule)
    fail(
      report,
      "CONFLICTING_KEYS",
      cron.pointer,
      "the workflow has a schedule and a start state of type cron",
      {
        hint: "keep one of them",
      },
    );
  const schedule = topSchedule ?? cron?.schedule;
  if (schedule) keepScheduleOrigin(schedule, topSchedule ? written : null, cron);
  const states = readStates(report, cron ? raw.filter((state) => state !== cron.raw) : raw, "the workflow");
  const form = formOf({ states, ...(concurrency && { concurrency }) });
  const definition: Definition = {
    id,
    version,
    name,
    ...(description !== undefined && { description }),
    ...(labels && { labels }),
    ...(inputSchema && { inputSchema }),
    ...(outputSchema && { outputSchema }),
    ...(output !== undefined && { output }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(form !== undefined && { form }),
    ...(concurrency && { concurrency }),
    ...(schedule && { schedule }),
    start: cron ? cron.next : (start ?? states[0]?.name ?? ""),
    states,
  };
  if (cron) fields.moved.set("start", pointerTo(cron.pointer, "next"));
  remember(definition, { pointer: "", moved: fields.moved });
  return definition;
}

const ID = /^[A-Za-z0-9][\w.-]{0,127}$/;

function readId(fields: Fields, found: Found | null): string {
  const id = requiredText(fields, found, "id", "a stable name like incident-triage");
  if (!found || id === "" || ID.test(id)) return id;
  const complaint = "must consist of letters, digits, dots, dashes and underscores (at most 128)";
  return refuse(fields, found, complaint, "id", "INVALID_NAME") ?? "";
}

function readLabels(fields: Fields, found: Found | null): Readonly<Record<string, string>> | undefined {
  const labels = object(fields, found);
  if (!labels || !found) return undefined;
  return Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [
      key,
      text(fields, { key, value, pointer: pointerTo(found.pointer, key) }) ?? "",
    ]),
  );
}

function rawStates(fields: Fields, found: Found | null): readonly RawState[] {
  if (found && isList(found.value) && found.value.length > 0)
    return found.value.map((value, index) => ({ value, pointer: pointerTo(found.pointer, index) }));
  if (found && !isList(found.value) && found.value !== null) refuse(fields, found, "must be a list", "array");
  else fail(fields.report, "EMPTY_WORKFLOW", found?.pointer ?? "", "workflow has no states");
  return [];
}

type CronStart = {
  readonly raw: RawState;
  readonly pointer: string;
  readonly schedule: Schedule;
  readonly fields: Fields;
  readonly next: string;
};

/** A start state of type `cron` is another way to write `schedule`. */
function takeCronStart(
  report: Report,
  raw: readonly RawState[],
  start: string | undefined,
): CronStart | null {
  const nameOf = ({ value }: RawState) => (isObject(value) ? (value["name"] ?? value["id"]) : undefined);
  const first = start === undefined ? raw[0] : raw.find((state) => nameOf(state) === start);
  if (!first || !isObject(first.value) || first.value["type"] !== "cron") return null;
  const fields = fieldsOf(report, first.value, first.pointer, "the cron state");
  for (const key of ["name", "id", "type"]) find(fields, key);
  const next = requiredText(fields, find(fields, "next", "transition"), "next");
  const schedule = readSchedule(fields);
  refuseUnknown(fields, { enabled: "enable or disable the workflow itself" });
  return { raw: first, pointer: first.pointer, schedule, fields, next };
}

function keepScheduleOrigin(schedule: Schedule, written: Fields | null, cron: CronStart | null): void {
  const fields = written ?? cron?.fields;
  if (fields) remember(schedule, { pointer: fields.pointer, moved: fields.moved });
}
