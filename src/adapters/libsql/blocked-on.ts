import type { RunStatus } from "../../core/run/run.ts";
import type { Cells } from "./database.ts";
import { Cursor } from "./read-rows.ts";

/** The open step that says most about what a run waits for, and how many others there are besides. */
export const BLOCKERS = `select s.state, s.branch, s.status, s.attempt, s.due_at, s.lease_owner, s.waiting, s.waiting_for,
  s.error ->> 'code', a.approvers, count(*) over ()
from workflow_run_steps s
left join workflow_approvals a on a.approval_id = s.approval_id
where s.run_id = ?1 and s.status in ('PENDING', 'RUNNING', 'WAITING_APPROVAL')
  and (s.waiting is null or s.waiting <> 'children')
order by case
    when s.status = 'WAITING_APPROVAL' then 0
    when s.waiting = 'signal' then 1
    when s.lease_owner is not null then 2
    when s.status = 'PENDING' and s.due_at <= ?2 then 3
    when s.status = 'PENDING' then 4
    else 5
  end, s.due_at, s.entered_at
limit 1`;

/** Who paused a run last. */
export const PAUSED_BY = `select actor from workflow_run_events e
where run_id = ?1 and type = 'run.paused'
  and exists (select 1 from workflow_runs r where r.run_id = ?1 and r.lifecycle = 'PAUSED')
order by seq desc limit 1`;

/** What an unfinished run waits for, in one sentence; `null` when it is over. */
export function blockedOn(
  status: RunStatus,
  reason: string | null,
  blockers: readonly Cells[],
  paused: readonly Cells[],
  now: number,
): string | null {
  switch (status) {
    case "COMPLETED":
    case "FAILED":
    case "CANCELLED":
    case "TIMED_OUT":
      return null;
    case "PENDING":
      return "waiting for a worker to start it";
    case "PAUSED":
      return `paused by ${paused[0]?.[0] ?? "someone"}${reason ? `: ${reason}` : ""}`;
    case "RUNNING":
    case "WAITING_APPROVAL":
    case "WAITING_SIGNAL": {
      const [row] = blockers;
      if (!row) return "waiting for a worker to go on";
      const others = Number(row[10]) - 1;
      return `${sentence(row, now)}${others > 0 ? ` (and ${others} more)` : ""}`;
    }
  }
}

function sentence(row: Cells, now: number): string {
  const cursor = new Cursor(row);
  const name = cursor.text();
  const branch = cursor.text();
  const status = cursor.text();
  const attempt = cursor.number();
  const dueAt = cursor.number();
  const owner = cursor.optionalText();
  const waiting = cursor.optionalText();
  const signal = cursor.optionalText();
  const code = cursor.optionalText();
  const approvers = cursor.optionalText();
  const state = branch === "" ? name : `${name} in ${branch}`;
  if (status === "WAITING_APPROVAL") return `waiting for approval of ${state} by ${namesIn(approvers)}`;
  if (waiting === "signal") return `waiting for signal ${signal} at ${state}`;
  if (waiting === "timer") return `timer ${state} until ${new Date(dueAt).toISOString()}`;
  if (owner !== null) return `step ${state} is running on worker ${owner}, attempt ${attempt}`;
  if (dueAt > now) {
    const why = code === null ? "" : ` after ${code}`;
    return `retrying ${state} at ${new Date(dueAt).toISOString()}${why}, attempt ${attempt}`;
  }
  return `step ${state} is waiting for a worker, attempt ${Math.max(attempt, 1)}`;
}

function namesIn(approvers: string | null): string {
  const names: readonly string[] = approvers === null ? [] : JSON.parse(approvers);
  return names.length === 0 ? "anyone who may approve" : names.join(", ");
}
