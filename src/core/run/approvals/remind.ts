import { named } from "../moves.ts";
import type { Approval, Step } from "../run.ts";
import type { Turn } from "../turn.ts";
import { dueAt } from "./schedule.ts";

/** What time has brought is said once: the alarm may come as often as it likes. */
export function remind(turn: Turn, step: Step, approval: Approval): void {
  const { expiresAt, terms } = approval;
  const about = { ...named(step), approvalId: approval.id } as const;
  for (const due of dueAt(approval, turn.now)) {
    if (due.what === "reminder") turn.emit({ type: "approval.reminded", ...about, expiresAt }, "system");
    else {
      const { to = [], notify = null } = terms.escalate[due.level - 1] ?? {};
      turn.emit({ type: "approval.escalated", ...about, level: due.level, to, notify }, "system");
    }
  }
}
