import type { JsonValue } from "../../../core/json.ts";

/** A text as JSON, or what is wrong with it. */
export function parseJson(
  text: string,
): { readonly ok: true; readonly value: JsonValue } | { readonly ok: false; readonly message: string } {
  try {
    return { ok: true, value: JSON.parse(text === "" ? "null" : text) as JsonValue };
  } catch (error) {
    return { ok: false, message: `This is not JSON: ${(error as Error).message}` };
  }
}
