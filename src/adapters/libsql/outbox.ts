import type { Outbox } from "../../engine/ports/outbox.ts";
import { LONGEST_HIDE_MS, messageFrom, RETURNING_MESSAGE } from "./alarms.ts";
import { change, type Database, select } from "./database.ts";

const TAKE_DUE = `update workflow_outbox set due_at = ?1 + min(?3 * (1 << min(sends, 20)), ${LONGEST_HIDE_MS}), sends = sends + 1
where (run_id, target) in (
  select run_id, target from workflow_outbox where due_at <= ?1 order by due_at limit ?2
) ${RETURNING_MESSAGE}`;

/** The alarms that come late or were lost; those due at once never pass through here. */
export function outbox(db: Database): Omit<Outbox, "onDispatch"> {
  return {
    async takeDue(now, limit, hideMs) {
      // Usually nothing is due: looking costs less than a write.
      const next = await nextDueAt();
      if (next === null || next > now) return [];
      return (await change(db, TAKE_DUE, [now, limit, hideMs])).map(messageFrom);
    },
    nextDueAt,
    async resend(now) {
      const rows = await change(
        db,
        "update workflow_outbox set due_at = ? where sends > 0 and due_at > ? returning 1",
        [now, now],
      );
      return rows.length;
    },
  };

  async function nextDueAt(): Promise<number | null> {
    const [row] = await select(db, "select min(due_at) from workflow_outbox", []);
    return (row?.[0] ?? null) as number | null;
  }
}
