import { isObject, type JsonObject, type JsonValue } from "../../json.ts";
import { pointerTo } from "../pointer.ts";
import { didYouMean } from "../suggest.ts";
import { fail, type Report, warn } from "./report.ts";

/** One map of the author's text while it is being read: which keys were asked for, and which were there. */
export type Fields = {
  readonly value: JsonObject;
  readonly pointer: string;
  /** The author wrote something else than a map, which was said; what it lacks therefore need not be. */
  readonly isBroken: boolean;
  /** How messages call it: `state "check_pods"`. */
  readonly what: string;
  readonly report: Report;
  readonly asked: Set<string>;
  /** Canonical key → where it stands, for diagnostics behind the parser. */
  readonly moved: Map<string, string>;
};

/** A value and where it stands. */
export type Found = { readonly key: string; readonly value: JsonValue; readonly pointer: string };

/** Opens a map for reading; anything else is an error and reads as an empty map. */
export function fieldsOf(report: Report, value: JsonValue, pointer: string, what: string): Fields {
  const object = isObject(value) ? value : {};
  if (!isObject(value))
    fail(report, "WRONG_TYPE", pointer, `${what} must be a map, not ${kindOf(value)}`, {
      expected: "object",
      actual: value,
    });
  return {
    value: object,
    pointer,
    isBroken: !isObject(value),
    what,
    report,
    asked: new Set(),
    moved: new Map(),
  };
}

/** The map at `key` of another map; `null` when the key is absent. */
export function innerFields(fields: Fields, key: string): Fields | null {
  const found = find(fields, key);
  return found && fieldsOf(fields.report, found.value, found.pointer, `"${key}" of ${fields.what}`);
}

/** The value under one of several spellings, the canonical one first. Two that differ are an error. */
export function find(fields: Fields, canonical: string, ...aliases: readonly string[]): Found | null {
  return findIn(
    fields,
    canonical,
    [canonical, ...aliases].map((key) => [fields, key] as const),
  );
}

/** As `find`, where the spellings may stand in different maps (the state itself and its `input`). */
export function findIn(fields: Fields, canonical: string, places: readonly SpelledAt[]): Found | null {
  let first: Found | null = null;
  for (const place of places) {
    const found = look(place);
    if (!found) continue;
    if (!first) first = found;
    else if (!sameValue(first.value, found.value)) conflict(fields, first, found);
  }
  if (first) fields.moved.set(canonical, first.pointer);
  return first;
}

/** One spelling in one map, which may be absent altogether. */
export type SpelledAt = readonly [Fields | null, string];

/** The value of one spelling, if it is there. */
export function look([fields, key]: SpelledAt): Found | null {
  if (!fields) return null;
  fields.asked.add(key);
  const value = Object.hasOwn(fields.value, key) ? fields.value[key] : undefined;
  return value === undefined ? null : { key, value, pointer: pointerTo(fields.pointer, key) };
}

/** Two spellings of one thing that say different things. */
export function conflict(fields: Fields, first: Found, second: Found): void {
  fail(
    fields.report,
    "CONFLICTING_KEYS",
    second.pointer,
    `${fields.what}: "${second.key}" and "${first.key}" mean the same and differ`,
    { on: "key", hint: `keep "${first.key}"`, expected: first.value, actual: second.value },
  );
}

/** Reports every key that nobody asked for. Called last. `otherwise` is the hint where no key is near. */
export function refuseUnknown(
  fields: Fields,
  advice: Readonly<Record<string, string>> = {},
  otherwise?: string,
): void {
  for (const key of Object.keys(fields.value)) {
    if (fields.asked.has(key)) continue;
    const known = Object.hasOwn(advice, key) ? advice[key] : undefined;
    fail(fields.report, "UNKNOWN_KEY", pointerTo(fields.pointer, key), `${fields.what} has no key "${key}"`, {
      on: "key",
      hint: known ?? didYouMean(key, fields.asked) ?? otherwise,
    });
  }
}

/** The same as warnings, for files that carry much else. */
export function warnUnknown(fields: Fields, otherwise?: string): void {
  for (const key of Object.keys(fields.value)) {
    if (fields.asked.has(key)) continue;
    warn(fields.report, "UNKNOWN_KEY", pointerTo(fields.pointer, key), `${fields.what} has no key "${key}"`, {
      on: "key",
      hint: didYouMean(key, fields.asked) ?? otherwise,
    });
  }
}

/** "a list", "text", …: what a value is, for messages. */
export function kindOf(value: JsonValue): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (typeof value === "string") return "text";
  return typeof value === "number" ? "a number" : "true or false";
}

function sameValue(a: JsonValue, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
