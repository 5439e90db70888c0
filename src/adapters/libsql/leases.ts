import type { BranchPath, RunId, StepId } from "../../core/run/ids.ts";
import type { Leases } from "../../engine/ports/leases.ts";
import { change, type Database, select } from "./database.ts";
import { WAITING_FOR_SLOT } from "./slots.ts";

const RENEW = `insert into workflow_leases (kind, name, holder, expires_at, silent_at)
values ('process', ?1, ?1, ?2, ?3)
on conflict (kind, name) do update set expires_at = excluded.expires_at, silent_at = excluded.silent_at`;

const SILENT = `select name, silent_at from workflow_leases
where kind = 'process' and silent_at <= ?1 and expires_at > ?1`;

const END = "delete from workflow_leases where kind = 'process' and name = ? and silent_at = ? returning 1";

const ACQUIRE = `insert into workflow_leases (kind, name, holder, expires_at) values ('role', ?1, ?2, ?4)
on conflict (kind, name) do update set holder = excluded.holder, expires_at = excluded.expires_at
where workflow_leases.holder = excluded.holder or workflow_leases.expires_at <= ?3
returning 1`;

/** What a wake-up from here looks like: due at once, and left alone when it is under way already. */
const WAKE = `on conflict (run_id, target) do update set due_at = excluded.due_at, revision = revision + 1
where workflow_outbox.sends = 0 and workflow_outbox.due_at > excluded.due_at
returning 1`;

/**
 * A revision no earlier alarm had: the time, in milliseconds. No event need come between two of these, so that an
 * event's number would repeat, and the queue would take the message for the earlier one and drop it.
 */
const REVISION = "?1";

const IS_ORPHAN = `s.lease_owner is not null and not exists (
  select 1 from workflow_leases l where l.kind = 'process' and l.name = s.lease_owner and l.expires_at > ?1
)`;

const ANY_ORPHAN = `select 1 from workflow_run_steps s where ${IS_ORPHAN} limit 1`;

const WAKE_ORPHANS = `insert into workflow_outbox (run_id, target, kind, due_at, revision, sends, step_id)
select r.run_id, s.branch, 'step', ?1, ${REVISION}, 0, s.step_id
from workflow_run_steps s join workflow_runs r on r.run_id = s.run_id
where ${IS_ORPHAN}
${WAKE}`;

/** A run that did not start has no branch yet: its root is what an alarm would wake. */
const WAKE_STRANDED = `insert into workflow_outbox (run_id, target, kind, due_at, revision, sends, step_id)
select r.run_id, coalesce(b.path, ''), iif(r.lifecycle = 'PENDING', 'run', 'resume'), ?1, ${REVISION}, 0, b.step_id
from workflow_runs r
left join workflow_run_branches b on b.run_id = r.run_id
left join workflow_run_steps s on s.run_id = b.run_id and s.branch = b.path and s.step_id = b.step_id
where r.status in ('PENDING', 'RUNNING', 'WAITING_APPROVAL', 'WAITING_SIGNAL')
  and (b.path is null or b.closed_at is null)
  and s.lease_owner is null
  and coalesce(s.status, '') <> 'WAITING_APPROVAL'
  and not (coalesce(s.waiting, '') = 'signal' and not exists (select 1 from workflow_signals g
    where g.run_id = s.run_id and g.name = s.waiting_for and g.consumed_by is null))
  and not (r.concurrency_key is not null and r.lifecycle = 'PENDING' and r.run_id in (${WAITING_FOR_SLOT}))
  and not (coalesce(s.waiting, '') = 'children' and exists (
    select 1 from workflow_run_branches c where c.run_id = b.run_id and c.closed_at is null
      and c.path > iif(b.path = '', '', b.path || '/') || b.state || iif(s.visit = 1, '', '#' || s.visit) || '/'
      and c.path < iif(b.path = '', '', b.path || '/') || b.state || iif(s.visit = 1, '', '#' || s.visit) || '0'
  ))
  and not (s.waiting = 'children' and s.called_run_id is not null and exists (
    select 1 from workflow_runs c where c.run_id = s.called_run_id and c.finished_at is null))
  and not exists (select 1 from workflow_outbox o where o.run_id = r.run_id and o.target = coalesce(b.path, ''))
on conflict do nothing
returning 1`;

export function leases(db: Database): Leases {
  return {
    async renew(holder, until, silentAt) {
      const [, rows = []] = await db.write([
        { sql: RENEW, args: [holder, until, silentAt ?? null] },
        {
          sql: "select step_id, run_id, branch from workflow_run_steps where lease_owner = ?",
          args: [holder],
        },
      ]);
      return new Map(
        rows.map(([stepId, runId, branch]) => [
          stepId as StepId,
          { runId: runId as RunId, branch: branch as BranchPath },
        ]),
      );
    },
    async silent(now) {
      const rows = await select(db, SILENT, [now]);
      return rows.map(([name, since]) => ({ holder: String(name), since: Number(since) }));
    },
    async end({ holder, since }) {
      return (await change(db, END, [holder, since])).length > 0;
    },
    async release(holder) {
      await change(db, "delete from workflow_leases where holder = ?", [holder]);
    },
    async acquire(role, holder, now, until) {
      return (await change(db, ACQUIRE, [role, holder, now, until])).length > 0;
    },
    async wakeOrphans(now) {
      // Usually there is none: looking costs less than a write.
      if ((await select(db, ANY_ORPHAN, [now])).length === 0) return 0;
      return (await change(db, WAKE_ORPHANS, [now])).length;
    },
    async wakeStranded(now) {
      return (await change(db, WAKE_STRANDED, [now])).length;
    },
    async forgetOthers(holder) {
      await change(db, "delete from workflow_leases where holder <> ?", [holder]);
    },
  };
}
