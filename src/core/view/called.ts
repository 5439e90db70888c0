import type { JsonObject, JsonValue } from "../json.ts";
import { calledWith } from "../run/approvals/tool-call.ts";

type Asked = { readonly summary: JsonValue; readonly summaryPath: string | null };

/**
 * What the call that an agent asks for would be made with; `null` for a workflow's own question. Its evidence may look
 * like a call, because an agent wrote it, and nobody would make that with other arguments.
 */
export function callIn({ summary, summaryPath }: Asked): JsonObject | null {
  return summaryPath === null ? calledWith(summary) : null;
}
