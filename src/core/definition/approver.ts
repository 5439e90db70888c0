/** How an approver is named, for messages. */
export const APPROVER_FORMS = '"user:…", "team:…", "role:…" or "key:…"';

/** True for a name that may be an approver's. */
export function isApprover(name: string): boolean {
  return /^(?:user|team|role|key):\S/.test(name);
}
