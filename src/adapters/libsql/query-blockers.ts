import type { Definition } from "../../core/definition/types.ts";
import { NO_TERMS } from "../../core/run/approvals/evolve-approval.ts";
import { type Blocker, mostAttempts, type Standing } from "../../core/run/blocked-on.ts";
import { EXECUTES_NOTHING } from "../../core/run/process-name.ts";
import type { Approval, RunStatus } from "../../core/run/run.ts";
import type { RunSummary } from "../../engine/ports/queries.ts";
import type { Cells } from "./database.ts";
import { Cursor } from "./read-rows.ts";

/** The open step that says most about what a run waits for, and how many others there are besides. */
export const BLOCKERS = `select s.state, s.branch, s.deadline, count(*) over (), s.status, s.attempt, s.due_at,
  s.lease_owner, s.waiting, s.waiting_for, iif(json_valid(s.error), substr(s.error ->> 'message', 1, 300), null), l.expires_at,
  s.called_run_id, c.workflow_id, c.status, iif(json_valid(s.input), s.input ->> 'workflow', ''),
  a.approvers, a.escalated_to, a.quorum, a.decisions, a.terms, a.expires_at
from workflow_run_steps s
left join workflow_approvals a on a.approval_id = s.approval_id
left join workflow_runs c on c.run_id = s.called_run_id
left join workflow_leases l on l.kind = 'process' and l.name = s.lease_owner
where s.run_id = ?1 and s.status in ('PENDING', 'RUNNING', 'WAITING_APPROVAL')
  and (s.waiting is null or s.waiting <> 'children' or s.called_run_id is not null)
order by case
    when s.status = 'WAITING_APPROVAL' then 0
    when s.waiting = 'signal' then 1
    when s.lease_owner is not null then 2
    when s.status = 'PENDING' and s.due_at <= ?2 then 3
    when s.status = 'PENDING' then 4
    else 5
  end, s.due_at, s.entered_at
limit 1`;

/** Who paused a run last, and how many of its steps agents still work on. */
export const PAUSE = `select actor, at, (select count(*) from workflow_run_steps s
    where s.run_id = ?1 and s.lease_owner is not null)
from workflow_run_events e where run_id = ?1 and type = 'run.paused'
  and exists (select 1 from workflow_runs r where r.run_id = ?1 and r.lifecycle = 'PAUSED')
order by seq desc limit 1`;

/** Whether a row of `BLOCKERS` is a step that is tried again: how often is in the run's definition. */
export function isRetry(blocker: Cells | undefined): boolean {
  return blocker?.[4] === "PENDING" && Number(blocker[5]) > 1;
}

/** How many processes are alive that execute steps; `?1`: now. */
export const WORKERS = `select count(*) from workflow_leases
where kind = 'process' and expires_at > ?1 and name not like '%${EXECUTES_NOTHING}'`;

/** What is known of why a run does not go on, with the rows of `BLOCKERS` and `PAUSE`. */
export function standingFrom({
  run: { status, createdAt },
  blockers: [blocker],
  pauses: [pause],
  ...known
}: {
  readonly run: Pick<RunSummary, "status" | "createdAt">;
  readonly blockers: readonly Cells[];
  readonly pauses: readonly Cells[];
  readonly queue: Standing["queue"];
  readonly reason: string | null;
  readonly definition: Definition | null;
  readonly workers: number;
  readonly now: number;
}): Standing {
  const { queue, reason, definition, workers, now } = known;
  return {
    status,
    createdAt,
    workers,
    blocker: blocker ? blockerFrom(new Cursor(blocker), definition, now) : null,
    paused: pause ? { by: String(pause[0]), at: Number(pause[1]), reason } : null,
    running: Number(pause?.[2] ?? 0),
    queue,
  };
}

function blockerFrom(cursor: Cursor, definition: Definition | null, now: number): Blocker {
  const state = cursor.text();
  const branch = cursor.text();
  const deadline = cursor.optionalNumber();
  const others = cursor.number() - 1;
  const most = () => definition && mostAttempts(definition, { branch, state });
  return { state, branch, deadline, others, on: onFrom(cursor, most, now) };
}

function onFrom(cursor: Cursor, most: () => number | null, now: number): Blocker["on"] {
  const status = cursor.text();
  const attempt = cursor.number();
  const dueAt = cursor.number();
  const worker = cursor.optionalText();
  const waiting = cursor.optionalText();
  const name = cursor.text();
  const after = cursor.optionalText();
  const leaseUntil = cursor.optionalNumber();
  const called = cursor.optionalText();
  const workflow = cursor.optionalText();
  const calledStatus = cursor.optionalText() as RunStatus | null;
  const wanted = cursor.text();
  if (status === "WAITING_APPROVAL") return { for: "approval", approval: approvalFrom(cursor) };
  if (waiting === "children" && called !== null)
    return { for: "run", runId: called, workflow: workflow ?? wanted, status: calledStatus };
  if (waiting === "signal") return { for: "signal", name };
  if (waiting === "timer") return { for: "timer", dueAt };
  if (worker === null) return { for: "attempt", attempt, dueAt, after, most: most() };
  const silentSince = leaseUntil !== null && leaseUntil < now ? leaseUntil : null;
  return { for: "agent", worker, attempt, silentSince };
}

function approvalFrom(cursor: Cursor) {
  const list = <T>(): T => JSON.parse(cursor.text());
  return {
    approvers: list<readonly string[]>(),
    escalatedTo: list<readonly string[]>(),
    quorum: list<Approval["quorum"]>(),
    decisions: list<Approval["decisions"]>(),
    terms: { ...NO_TERMS, ...list<Partial<Approval["terms"]>>() },
    expiresAt: cursor.optionalNumber(),
  };
}
