import type { Approval } from "../run.ts";

/** What time brings to an open approval. */
export type Due =
  | { readonly what: "reminder"; readonly at: number }
  | { readonly what: "escalation"; readonly at: number; readonly level: number };

type Waiting = Pick<Approval, "terms" | "remindedAt" | "escalations" | "expiresAt">;

/** The reminder and the escalations that have not happened, in order of time; none from its end on. */
function toCome({ terms, remindedAt, escalations, expiresAt }: Waiting): readonly Due[] {
  const reminders: readonly Due[] =
    terms.remindAt === null || remindedAt !== null ? [] : [{ what: "reminder", at: terms.remindAt }];
  const levels = terms.escalate.map(({ at }, index): Due => ({ what: "escalation", at, level: index + 1 }));
  return [...reminders, ...levels.slice(escalations)]
    .filter(({ at }) => expiresAt === null || at < expiresAt)
    .sort((a, b) => a.at - b.at);
}

/** What is due at `now` and has not been said yet, oldest first. */
export function dueAt(approval: Waiting, now: number): readonly Due[] {
  return toCome(approval).filter(({ at }) => at <= now);
}

/** When somebody must look at an open approval again; `null` for never. */
export function nextLookAt(approval: Waiting): number | null {
  const [next] = toCome(approval);
  return next ? next.at : approval.expiresAt;
}

/** Without a word about it, people are reminded when a tenth of the time is left, but not of what takes minutes. */
const SHORT_SECONDS = 600;

/** When people are reminded of an approval that is asked at `now`; `null` for never. */
export function remindAt(now: number, seconds: number, beforeSeconds?: number): number | null {
  const before = beforeSeconds ?? (seconds < SHORT_SECONDS ? 0 : seconds / 10);
  return before > 0 && before < seconds ? Math.round(now + (seconds - before) * 1000) : null;
}
