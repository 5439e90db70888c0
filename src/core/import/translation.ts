import type { DiagnosticCode, Issue } from "../definition/diagnostic.ts";
import { DURATION_FORMS, parseDuration } from "../definition/duration.ts";
import { pointerTo } from "../definition/pointer.ts";
import { didYouMean } from "../definition/suggest.ts";
import { isTemplate } from "../definition/template.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../json.ts";
import { type Names, toStarlark } from "./expression.ts";

/** At the beginning `.` is the workflow's input, which is our context then. */
export const ROOT_NAMES: Names = {
  dot: "ctx",
  variables: { context: "ctx", workflow: "workflow", input: "ctx" },
};

const UNITS = { days: 86_400, hours: 3600, minutes: 60, seconds: 1, milliseconds: 0.001 } as const;

/** A translation in progress: the document, and what was found to be in its way. */
export class Translation {
  readonly document: JsonObject;
  readonly issues: Issue[] = [];

  constructor(document: JsonObject) {
    this.document = document;
  }

  error(code: DiagnosticCode, path: string, message: string, hint?: string, offset?: number): void {
    this.issues.push({
      code,
      severity: "error",
      path,
      message,
      ...(hint !== undefined && { hint }),
      ...(offset !== undefined && { offset }),
    });
  }

  unknownKey(pointer: string, key: string, known: readonly string[]): void {
    const hint = didYouMean(key, known) ?? `known are ${known.join(", ")}`;
    this.issues.push({
      code: "UNKNOWN_KEY",
      severity: "error",
      path: pointerTo(pointer, key),
      on: "key",
      message: `"${key}" is not known here`,
      hint,
    });
  }

  /** Says of every other key of a map that it is not known. */
  only(value: JsonValue, pointer: string, known: readonly string[]): void {
    for (const key of Object.keys(isObject(value) ? value : {}))
      if (!known.includes(key)) this.unknownKey(pointer, key, known);
  }

  /** An expression with or without `${ }` as Starlark, a condition as a `truth`; "None" where it cannot be said. */
  expression(text: string, pointer: string, names: Names, as: "value" | "truth" = "value"): string {
    const wrapped = /^(\s*\$\{)([\s\S]*)\}\s*$/.exec(text);
    const [jq, before] = wrapped ? [wrapped[2] ?? "", wrapped[1]?.length ?? 0] : [text, 0];
    const translated = toStarlark(jq, names, as);
    if (translated.ok) return translated.text;
    const hint = "paths, variables, literals, comparison, arithmetic, and, or, not and length are translated";
    this.error("UNSUPPORTED", pointer, translated.message, hint, before + translated.offset);
    return "None";
  }

  /** A value whose texts may be `${ }`, as a value with templates; a text that only looks like one stays as it is. */
  value(value: JsonValue, pointer: string, names: Names): JsonValue {
    if (typeof value === "string") {
      if (/^\s*\$\{[\s\S]*\}\s*$/.test(value)) return `{{ ${this.expression(value, pointer, names)} }}`;
      return isTemplate(value) ? `{{ ${JSON.stringify(value)} }}` : value;
    }
    if (isList(value)) return value.map((item, index) => this.value(item, pointerTo(pointer, index), names));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, below]) => [key, this.value(below, pointerTo(pointer, key), names)]),
    );
  }

  /** Seconds of `PT5S` or `{minutes: 1}`; `null` when it is neither. */
  seconds(value: JsonValue | undefined, pointer: string): number | null {
    if (typeof value === "string") {
      const seconds = parseDuration(value);
      if (seconds !== null) return seconds;
    }
    if (isObject(value) && Object.keys(value).length > 0) {
      let sum = 0;
      for (const [unit, count] of Object.entries(value)) {
        const size = Object.hasOwn(UNITS, unit) ? UNITS[unit as keyof typeof UNITS] : undefined;
        if (size === undefined) {
          this.unknownKey(pointer, unit, Object.keys(UNITS));
          return null;
        }
        if (typeof count !== "number") {
          const message = `${JSON.stringify(count)} is not a number of ${unit}`;
          this.error("INVALID_DURATION", pointerTo(pointer, unit), message);
          return null;
        }
        sum += size * count;
      }
      return Math.round(sum * 1000) / 1000;
    }
    this.error(
      "INVALID_DURATION",
      pointer,
      `${JSON.stringify(value ?? null)} is not a duration`,
      DURATION_FORMS,
    );
    return null;
  }

  /** As `value`, of what can only be a map here; as a whole it has no counterpart. */
  map(value: JsonValue | undefined, pointer: string, names: Names): JsonObject {
    if (value === undefined) return {};
    if (isObject(value)) return this.value(value, pointer, names) as JsonObject;
    this.error("UNSUPPORTED", pointer, "only a map has a counterpart here", "write each of its keys");
    return {};
  }

  /** `timeout: {after: …}` as our key. */
  timeout(timeout: JsonValue | undefined, pointer: string): JsonObject {
    if (timeout === undefined) return {};
    if (!isObject(timeout)) {
      const hint = "write `timeout: {after: …}`";
      this.error("UNSUPPORTED", pointer, "a timeout by name has no counterpart", hint);
      return {};
    }
    const seconds = this.seconds(timeout["after"], pointerTo(pointer, "after"));
    return seconds === null ? {} : { timeoutSeconds: seconds };
  }
}
