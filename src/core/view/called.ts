import { MARK } from "../agent/redact.ts";
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

/** What to say of a call that is not shown whole; `null` for one that is, and for a workflow's own question. */
export function hiddenIn(asked: Asked): string | null {
  const call = callIn(asked);
  return call !== null && JSON.stringify(call).includes(MARK)
    ? `Behind ${MARK} stands what looks like a secret, and whoever writes a call can make anything look so: approve it only if it may be whatever it is.`
    : null;
}
