import { isObject, type JsonObject, type JsonValue } from "../../json.ts";

/** An approval's evidence, and where a workflow's own question has it from. */
export type Asked = { readonly summary: JsonValue; readonly summaryPath: string | null };

/**
 * What the tool call that an agent asks for would be made with: exactly this is decided. `null` for a workflow's own
 * question: its evidence may look like a call, because an agent wrote it, and nobody would make that with other arguments.
 */
export function callIn({ summary, summaryPath }: Asked): JsonObject | null {
  if (summaryPath !== null || !isObject(summary) || typeof summary["callId"] !== "string") return null;
  return isObject(summary["arguments"]) ? summary["arguments"] : null;
}
