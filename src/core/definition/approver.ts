import { plain } from "../identity/principal.ts";

/** How an approver is named, for messages. */
export const APPROVER_FORMS = '"user:…", "team:…", "role:…" or "key:…"';

/** True for a name that may be an approver's. */
export function isApprover(name: string): boolean {
  return /^(?:user|team|role|key):\S/.test(name);
}

/** How many different voices these can have together: a person or a program has one, a team or a role any number. */
export function mostVoices(approvers: readonly string[]): number {
  return approvers.every(isOne) ? new Set(approvers.map(plain)).size : Number.POSITIVE_INFINITY;
}

function isOne(approver: string): boolean {
  return /^(?:user|key):/.test(approver);
}
