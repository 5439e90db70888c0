import { define, isObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { parseJson } from "../core/json-syntax.ts";
import { CliError, EXIT, usage } from "./errors.ts";
import { textOf } from "./files.ts";
import type { Session } from "./session.ts";

/** JSON from where a person put it: written out, `@file`, or `-` for what is piped in. */
export async function readJson(session: Session, text: string, option: string): Promise<JsonValue> {
  const source = text === "-" ? "what was piped in" : text.startsWith("@") ? text.slice(1) : option;
  const content = await readText(session, text);
  const parsed = parseJson(content);
  if ("value" in parsed) return parsed.value;
  const { message, line, column } = parsed.fault;
  const hint = `${option} '{"key": "value"}'   ${option} @file.json   ${option} -`;
  throw new CliError(EXIT.usage, `${source} is ${message} (line ${line}, column ${column})`, hint);
}

/** A run's input: `-i` with the `-f` fields over it. */
export async function readInput(
  session: Session,
  input: string | undefined,
  fields: readonly string[] = [],
): Promise<JsonObject | undefined> {
  if (input === undefined && fields.length === 0) return undefined;
  const base = input === undefined ? {} : await readJson(session, input, "-i");
  if (!isObject(base)) throw usage("a run's input is a JSON object", `-i '{"key": "value"}'`);
  return fields.reduce((object, field) => withField(object, field), base);
}

/** Text from where a person put it: written out, `@file`, or `-` for what is piped in. */
export async function readText(session: Session, text: string): Promise<string> {
  if (text === "-") return session.readStdin();
  return text.startsWith("@") ? textOf(session, text.slice(1), EXIT.usage) : text;
}

/** `a.b=1` sets a number, `a.b=text` a text; quotes make anything a text. */
function withField(object: JsonObject, field: string): JsonObject {
  const equals = field.indexOf("=");
  if (equals < 1) throw usage(`-f ${field} has no key and value`, "-f key=value");
  return withPath(object, field.slice(0, equals).split("."), fieldValue(field.slice(equals + 1)));
}

function withPath(object: JsonObject, [key = "", ...rest]: readonly string[], value: JsonValue): JsonObject {
  const before = object[key];
  const next = rest.length === 0 ? value : withPath(isObject(before) ? before : {}, rest, value);
  const copy: Record<string, JsonValue> = { ...object };
  define(copy, key, next);
  return copy;
}

function fieldValue(text: string): JsonValue {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === "number" && !isWritten(value, text) ? text : value;
  } catch {
    // Most values are plain words, and those are meant as they stand.
    return text;
  }
}

/** Whether a number is just what was written: "1.10", "12345e6" and long ones are names of something, and would be others. */
function isWritten(value: number, text: string): boolean {
  return String(value) === text.trim() && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
