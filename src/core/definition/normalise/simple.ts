import { parseInstant } from "../../time.ts";
import { isTemplate } from "../template.ts";
import type { InjectState, SignalState, TimerState, TransformState } from "../types.ts";
import { readBase, readBaseWithoutTimeout, readTransition, type StateFields } from "./base.ts";
import { type Fields, type Found, find, refuseUnknown } from "./fields.ts";
import { missing, object, refuse, requiredText, seconds, text } from "./read.ts";
import { fail } from "./report.ts";

/** Writes constants and templates into the context. */
export function readInject(state: StateFields): InjectState {
  const { fields } = state;
  const data = find(fields, "data");
  if (!data) missing(fields, "data");
  const base = {
    ...readBaseWithoutTimeout(state, "an inject writes at once"),
    data: object(fields, data) ?? {},
    transition: readTransition(state),
  };
  refuseUnknown(fields);
  return { ...base, type: "inject" };
}

/** Computes a value. */
export function readTransform(state: StateFields): TransformState {
  const { fields } = state;
  const expression = requiredText(fields, find(fields, "expression"), "expression");
  const why = "a transform is computed at once, and the installation limits how long that may take";
  const base = { ...readBaseWithoutTimeout(state, why), expression, transition: readTransition(state) };
  refuseUnknown(fields);
  return { ...base, type: "transform" };
}

/** Waits for a message from outside. */
export function readSignal(state: StateFields): SignalState {
  const { fields } = state;
  const signal = requiredText(fields, find(fields, "signal"), "signal", "the name under which it is sent");
  const base = { ...readBase(state), signal, transition: readTransition(state) };
  refuseUnknown(fields);
  return { ...base, type: "signal" };
}

/** Waits for a while or until a time. */
export function readTimer(state: StateFields): TimerState {
  const { fields } = state;
  const wait = readWait(fields, find(fields, "duration"), find(fields, "until"));
  const why = '"duration" or "until" says when a timer ends';
  const base = { ...readBaseWithoutTimeout(state, why), wait, transition: readTransition(state) };
  refuseUnknown(fields);
  return { ...base, type: "timer" };
}

function readWait(fields: Fields, duration: Found | null, until: Found | null): TimerState["wait"] {
  if (duration && until)
    fail(fields.report, "CONFLICTING_KEYS", until.pointer, `${fields.what} has "duration" and "until"`, {
      on: "key",
      hint: "keep one of them",
    });
  if (until) return { until: readTime(fields, until) };
  if (!duration) {
    missing(fields, "duration", '"duration" or "until"');
    return { seconds: 0 };
  }
  fields.moved.set("wait/seconds", duration.pointer);
  const { value } = duration;
  if (typeof value === "string" && isTemplate(value)) return { seconds: value };
  return { seconds: seconds(fields, [[fields, "duration"]], "wait/seconds", 0) ?? 0 };
}

const RFC_3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

function readTime(fields: Fields, until: Found): string {
  fields.moved.set("wait/until", until.pointer);
  const time = text(fields, until);
  if (time === undefined || isTemplate(time) || (RFC_3339.test(time) && parseInstant(time) !== null))
    return time ?? "";
  const expected = 'a time like "2026-03-01T09:00:00Z"';
  return refuse(fields, until, `must be ${expected}, not "${time}"`, expected, "INVALID_DURATION") ?? "";
}
