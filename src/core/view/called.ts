import { MARK } from "../agent/redact.ts";
import { type Asked, callIn } from "../run/approvals/tool-call.ts";

/** What to say of a call that is not shown whole; `null` for one that is, and for a workflow's own question. */
export function hiddenIn(asked: Asked): string | null {
  const call = callIn(asked);
  return call !== null && JSON.stringify(call).includes(MARK)
    ? `Behind ${MARK} stands what looks like a secret, and whoever writes a call can make anything look so: approve it only if it may be whatever it is.`
    : null;
}
