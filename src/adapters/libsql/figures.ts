import type { StoreFigures } from "../../engine/ports/queries.ts";
import type { Cell, Database } from "./database.ts";
import { WORKERS } from "./query-blockers.ts";

const OPEN_RUNS = `select status, count(*) from workflow_runs
where status in ('PENDING', 'RUNNING', 'PAUSED', 'WAITING_APPROVAL', 'WAITING_SIGNAL') group by status`;

const OTHERS = `select
  (select count(*) from workflow_approvals where status = 'PENDING'),
  (select count(*) from workflow_outbox),
  (select count(*) from workflow_outbox where sends > 0 or due_at <= ?1),
  (select min(due_at) from workflow_outbox),
  coalesce((select max(position) from workflow_run_events), 0) - (select position from workflow_seal_progress),
  (select count(*) from workflow_leases where kind = 'process' and expires_at > ?1),
  (${WORKERS}),
  (select min(look_at) from schedules where look_at is not null)`;

/** Along the index of what is due, and the one of what is settled. */
const NOTIFICATIONS = `select count(*), min(d.created_at),
  (select count(*) from notification_deliveries where status = 'DEAD')
from notification_subscriptions s
join notification_deliveries d on d.subscription_id = s.id and d.status = 'PENDING' where s.disabled_at is null`;

const BYTES = "select c.page_count * s.page_size from pragma_page_count c, pragma_page_size s";

/** Counted along indexes: about 10 ms with 100,000 open runs. */
export async function figures(db: Database, now: number): Promise<StoreFigures> {
  const [open = [], [others = []] = [], [size = []] = [], [told = []] = []] = await db.read([
    { sql: OPEN_RUNS, args: [] },
    { sql: OTHERS, args: [now] },
    { sql: BYTES, args: [] },
    { sql: NOTIFICATIONS, args: [] },
  ]);
  const [approvals, alarms, waiting, dueAt, unsealed, processes, workers, lookAt] = others;
  const [pending, oldest, dead] = told;
  const lag = (at: Cell | undefined) => (at === null ? 0 : Math.max(0, now - Number(at)));
  return {
    openRuns: Object.fromEntries(open.map(([status, count]) => [String(status), Number(count)])),
    openApprovals: Number(approvals),
    alarms: Number(alarms),
    waiting: Number(waiting),
    oldestDueMs: lag(dueAt),
    schedulesOverdueMs: lag(lookAt),
    unsealedEvents: Math.max(0, Number(unsealed)),
    processes: Number(processes),
    workers: Number(workers),
    bytes: Number(size[0]),
    notifications: {
      pending: Number(pending),
      oldestMs: lag(oldest),
      dead: Number(dead),
    },
  };
}
