import type { JsonValue } from "../../core/json.ts";
import { parseJson as parse } from "../../core/json-syntax.ts";

/** A text as JSON, or what is wrong with it. */
export function parseJson(
  text: string,
): { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly message: string } {
  const parsed = parse(text === "" ? "null" : text);
  if ("value" in parsed) return { ok: true, value: parsed.value };
  const { message, line, column } = parsed.fault;
  return { ok: false, message: `This is ${message} (line ${line}, column ${column})` };
}
