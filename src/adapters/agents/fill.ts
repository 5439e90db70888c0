import { parseTemplate, type TemplatePart, templatesIn } from "../../core/definition/template.ts";
import { define, isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { deepestExisting, type Path, parsePath, readPath } from "../../core/path.ts";
import { finalError, missingPath } from "../../core/run/errors.ts";
import type { StepError } from "../../core/run/run.ts";

export type Filled =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly error: StepError };

/**
 * Fills in every `{{path}}` of a value from the agent's input; `{{input.x}}` and `{{x}}` are the same. A string
 * that is one template keeps the value's type; a value is never expanded twice. `where` opens the error message.
 */
export function fill(value: JsonValue, input: JsonObject, where: string): Filled {
  const texts = templatesIn(value);
  for (const text of texts) {
    const error = firstProblem(text, input, where);
    if (error) return { ok: false, error };
  }
  return { ok: true, value: texts.length === 0 ? value : filled(value, input) };
}

/** Why a string can never be filled in, whatever the input; `null` when it can. */
export function templateProblem(text: string): string | null {
  const template = parseTemplate(text);
  if (!template.ok) return template.message;
  const expression = template.parts.find((part) => part.kind !== "text" && parsePath(part.text) === null);
  return expression
    ? `"${expression.text}" is no plain path; a script reads paths like {{input.city}} only`
    : null;
}

function firstProblem(text: string, input: JsonObject, where: string): StepError | null {
  const template = parseTemplate(text);
  const problem = templateProblem(text);
  if (problem !== null || !template.ok)
    return finalError("expression", "TEMPLATE_SYNTAX", `${where}: ${problem ?? "broken template"}`);
  for (const part of template.parts) {
    if (part.kind === "text" || read(part, input) !== undefined) continue;
    return missingPath(where, part.text, deepestExisting(input, keysOf(part)), Object.keys(input));
  }
  return null;
}

/** Every path of `value` is known to exist. */
function filled(value: JsonValue, input: JsonObject): JsonValue {
  if (typeof value === "string") return filledText(value, input);
  if (isList(value)) return value.map((item) => filled(item, input));
  if (!isObject(value)) return value;
  const object: Record<string, JsonValue> = {};
  for (const [key, item] of Object.entries(value)) define(object, key, filled(item, input));
  return object;
}

function filledText(text: string, input: JsonObject): JsonValue {
  const template = parseTemplate(text);
  if (!template.ok) return text;
  const [only] = template.parts;
  if (template.parts.length === 1 && only) return found(only, input);
  return template.parts.map((part) => asText(found(part, input))).join("");
}

/** A value as it stands within a text: JSON unless it is text itself. */
export function asText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A part whose path is known to exist. */
function found(part: TemplatePart, input: JsonObject): JsonValue {
  const value = read(part, input);
  if (value === undefined) throw new Error(`"${part.text}" vanished from the input`);
  return value;
}

function read(part: TemplatePart, input: JsonObject): JsonValue | undefined {
  return part.kind === "text" ? part.text : readPath(input, keysOf(part));
}

/** The keys below the merged input; a leading `input` names the input itself. */
function keysOf({ text }: TemplatePart): Path {
  const keys = parsePath(text)?.keys ?? [];
  return keys[0] === "input" ? keys.slice(1) : keys;
}
