import { isList, isObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Severity } from "../diagnostic.ts";
import { pointerKeys } from "../pointer.ts";
import { resolveRef } from "./refs.ts";
import { typesOf } from "./shape-of-schema.ts";

/** One way in which values of one schema may break another. */
export type Finding = {
  readonly kind:
    | "missing" // a required property
    | "missing-optional"
    | "unknown-property" // one that a closed schema does not know
    | "type"
    | "value" // outside of an enum, a const or a bound
    | "form" // none of several alternatives
    | "unchecked"; // nothing is known of the values
  readonly severity: Severity;
  /** JSON pointer into the value; `*` for every item of a list or property of a map. */
  readonly pointer: string;
  readonly expected: string;
  readonly actual: string;
};

/** The finding as a sentence. */
export function explain({ kind, severity, pointer, expected, actual }: Finding): string {
  const what = subjectOf(pointer);
  const may = severity === "warning";
  switch (kind) {
    case "missing":
      return `${what} is required and ${may ? "may be missing" : "is not provided"} (expected ${expected})`;
    case "missing-optional":
      return `${what} is not provided (optional, expected ${expected})`;
    case "unknown-property":
      return `${what} ${may ? "may be there and is" : "is"} not allowed here (expected ${expected})`;
    case "type":
    case "value":
    case "form":
      return `${what} ${may ? "may not be" : "must be"} ${expected}${may ? "" : ","}${may ? ": it is" : " and is"} ${actual}`;
    case "unchecked":
      return `cannot validate: nothing is said about ${pointer === "" ? "the output" : what} (expected ${expected})`;
  }
}

/** `"pods[].name"`, for people. */
function subjectOf(pointer: string): string {
  if (pointer === "") return "the value";
  const path = pointerKeys(pointer).reduce(
    (text, key) =>
      key === "*" || /^\d+$/.test(key) ? `${text}[${key === "*" ? "" : key}]` : `${text}.${key}`,
    "",
  );
  return `"${path.replace(/^\./, "")}"`;
}

/** What a schema asks for, in a few words. */
export function describeSchema(root: JsonObject, schema: JsonValue | undefined, depth = 0): string {
  if (schema === false) return "nothing";
  if (!isObject(schema) || depth > 3) return "anything";
  if (Object.hasOwn(schema, "const")) return JSON.stringify(schema["const"]);
  if (isList(schema["enum"])) return oneOf(schema["enum"].map((value) => JSON.stringify(value)));
  const types = typesOf(schema);
  if (types) return types.join(" or ");
  const options = schema["anyOf"] ?? schema["oneOf"];
  if (isList(options)) return oneOf(options.map((option) => describeSchema(root, option, depth + 1)));
  const referred = resolveRef(root, schema["$ref"]);
  if (referred !== undefined) return describeSchema(root, referred, depth + 1);
  return isObject(schema["properties"]) ? "object" : "anything";
}

function oneOf(words: readonly string[]): string {
  const different = [...new Set(words)];
  const shown = different.slice(0, 8);
  const [last = "anything", ...others] = [...shown].reverse();
  const end = shown.length < different.length ? `${last} or …` : last;
  return others.length === 0 ? end : `${others.reverse().join(", ")} or ${end}`;
}
