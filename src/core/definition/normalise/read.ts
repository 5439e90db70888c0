import { isList, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { DiagnosticCode } from "../diagnostic.ts";
import { DURATION_FORMS, parseDuration } from "../duration.ts";
import { pointerTo } from "../pointer.ts";
import { type Fields, type Found, kindOf, look, type SpelledAt } from "./fields.ts";
import { fail } from "./report.ts";

type Maybe<T> = T | undefined;

/** Text with something in it. */
export function text(fields: Fields, found: Found | null, code?: DiagnosticCode): Maybe<string> {
  if (!found) return undefined;
  if (typeof found.value === "string" && found.value.trim() !== "") return found.value;
  if (typeof found.value === "string") return refuse(fields, found, "must not be empty", "text", code);
  const hint = typeof found.value === "number" ? "put it in quotes" : undefined;
  return refuse(fields, found, `must be text, not ${kindOf(found.value)}`, "text", code, hint);
}

/** As `text`; its absence is an error. */
export function requiredText(fields: Fields, found: Found | null, key: string, hint?: string): string {
  if (!found) missing(fields, key, hint);
  return text(fields, found) ?? "";
}

/** A key that must be there is not. */
export function missing(fields: Fields, key: string, hint?: string): void {
  if (fields.isBroken) return;
  fail(fields.report, "MISSING_KEY", fields.pointer, `${fields.what} needs "${key}"`, { hint });
}

/** A number within bounds, both included. */
export function number(
  fields: Fields,
  found: Found | null,
  bounds: { readonly min: number; readonly max?: number; readonly whole?: boolean },
  code?: DiagnosticCode,
): Maybe<number> {
  if (!found) return undefined;
  const { min, max = Number.MAX_SAFE_INTEGER, whole = false } = bounds;
  const { value } = found;
  if (typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value)))
    return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const expected = `a ${whole ? "whole " : ""}number ${range}`;
  return refuse(fields, found, `must be ${expected}, not ${JSON.stringify(value)}`, expected, code);
}

/** `true` or `false`. */
export function flag(fields: Fields, found: Found | null): Maybe<boolean> {
  if (!found || typeof found.value === "boolean") return found?.value as Maybe<boolean>;
  return refuse(fields, found, `must be true or false, not ${JSON.stringify(found.value)}`, "boolean");
}

/** A map, as it is. */
export function object(fields: Fields, found: Found | null): Maybe<JsonObject> {
  if (!found) return undefined;
  if (isObject(found.value)) return found.value;
  return refuse(fields, found, `must be a map, not ${kindOf(found.value)}`, "object");
}

/** A list of texts; a single text is a list of one. */
export function texts(fields: Fields, found: Found | null, code?: DiagnosticCode): Maybe<readonly string[]> {
  if (!found) return undefined;
  const list = typeof found.value === "string" ? [found.value] : found.value;
  if (!isList(list)) return refuse(fields, found, `must be a list, not ${kindOf(list)}`, "array", code);
  const items = list.map((value, index) =>
    text(fields, { key: found.key, value, pointer: itemPointer(found, index) }, code),
  );
  return items.every((item) => item !== undefined) ? items : undefined;
}

/** Where item `index` stands; a single text is its own first item. */
export function itemPointer(found: Found, index: number): string {
  return isList(found.value) ? pointerTo(found.pointer, index) : found.pointer;
}

/** One of a few words. */
export function oneOf<Word extends string>(
  fields: Fields,
  found: Found | null,
  words: readonly Word[],
): Maybe<Word> {
  if (!found) return undefined;
  const word = words.find((candidate) => candidate === found.value);
  if (word !== undefined) return word;
  const expected = words.join(", ");
  return refuse(fields, found, `must be one of ${expected}, not ${JSON.stringify(found.value)}`, expected);
}

/**
 * A duration in seconds, from a number (`…Seconds`) or a text (`"90s"`, ISO-8601). Spellings are compared after
 * conversion, so `timeout: 1m` beside `timeoutSeconds: 60` is no conflict.
 */
export function seconds(
  fields: Fields,
  places: readonly SpelledAt[],
  canonical: string,
  min = 0.001,
): Maybe<number> {
  let first: Maybe<number>;
  for (const place of places) {
    const found = look(place);
    if (!found) continue;
    const value = oneDuration(fields, found, min);
    if (first === undefined) {
      fields.moved.set(canonical, found.pointer);
      first = value;
    } else if (value !== undefined && value !== first)
      fail(
        fields.report,
        "CONFLICTING_KEYS",
        found.pointer,
        `${fields.what}: "${found.key}" says ${value} s, "${canonical}" says ${first} s`,
        { on: "key", expected: first, actual: value },
      );
  }
  return first;
}

/** A hundred years. A time that far away is still one that every part of Station can tell. */
const LONGEST_SECONDS = 3_155_760_000;

function oneDuration(fields: Fields, found: Found, min: number): Maybe<number> {
  const { value, key } = found;
  const amount =
    typeof value === "string" && !/seconds$/i.test(key) ? parseDuration(value) : (value as number);
  if (typeof amount === "number" && amount >= min && amount <= LONGEST_SECONDS)
    return Math.round(amount * 1000) / 1000;
  const expected = /seconds$/i.test(key) ? "a number of seconds" : `a duration like ${DURATION_FORMS}`;
  const hint =
    typeof value === "string" && /seconds$/i.test(key) && parseDuration(value) !== null
      ? `write ${parseDuration(value)}`
      : undefined;
  const bound = typeof amount === "number" ? boundBroken(amount, min) : "";
  return refuse(
    fields,
    found,
    `must be ${expected}${bound}, not ${JSON.stringify(value)}`,
    "duration",
    "INVALID_DURATION",
    hint,
  );
}

function boundBroken(amount: number, min: number): string {
  if (amount < min) return ` and more than ${min > 0.001 ? min : 0}`;
  return ` and at most a hundred years (${LONGEST_SECONDS} s)`;
}

/** Notes that a value does not fit and reads it as absent. */
export function refuse(
  fields: Fields,
  found: Found,
  complaint: string,
  expected: JsonValue,
  code: DiagnosticCode = "WRONG_TYPE",
  hint?: string,
): undefined {
  fail(fields.report, code, found.pointer, `"${found.key}" of ${fields.what} ${complaint}`, {
    expected,
    actual: found.value,
    hint,
  });
  return undefined;
}
