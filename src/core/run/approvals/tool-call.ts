import { isObject, type JsonObject, type JsonValue } from "../../json.ts";

/** What a tool would be called with, where an approval's evidence is such a call: exactly this is decided. */
export function calledWith(summary: JsonValue | undefined): JsonObject | null {
  if (!isObject(summary) || typeof summary["callId"] !== "string") return null;
  return isObject(summary["arguments"]) ? summary["arguments"] : null;
}
