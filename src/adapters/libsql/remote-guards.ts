import type { Query } from "./database.ts";
import type { Prepared } from "./prepare.ts";

const RUN = "j.value ->> 'run'";

/** Whether the run is as the decision read it; -1: not there yet. */
const RUN_HOLDS = `case when j.value ->> 'epoch' = -1
  then not exists (select 1 from workflow_runs r where r.run_id = ${RUN})
  else exists (
    select 1 from workflow_runs r where r.run_id = ${RUN} and r.epoch = j.value ->> 'epoch'
      and r.mailbox_version = coalesce(j.value ->> 'mailbox', r.mailbox_version)
  ) end`;

const BRANCHES_HOLD = `not exists (
  select 1 from json_each(j.value, '$.branches') b where (
    select version from workflow_run_branches x where x.run_id = ${RUN} and x.path = b.value ->> 0
  ) is not b.value ->> 1)`;

const STEP_HOLDS = `(j.value ->> 'step' is null or exists (
  select 1 from json_each(j.value, '$.stepBranches') b cross join workflow_run_steps s
    on s.run_id = ${RUN} and s.branch = b.value and s.step_id = j.value ->> 'step'
  where s.status = j.value ->> 'status' and s.attempt = j.value ->> 'attempt'
    and coalesce(s.lease_token, 0) = j.value ->> 'token'))`;

const APPROVAL_HOLDS = `(j.value ->> 'approval' is null or exists (
  select 1 from workflow_approvals p where p.approval_id = j.value ->> 'approval'
    and p.status = j.value ->> 'approvalStatus' and json_array_length(p.decisions) = j.value ->> 'decisions'))`;

const SIGNAL_HOLDS = `(j.value ->> 'signal' is null or exists (
  select 1 from workflow_signals g where g.run_id = ${RUN} and g.signal_id = j.value ->> 'signal'
    and g.consumed_by is null))`;

const NOT_ANSWERED = `(j.value ->> 'onceKey' is null or not exists (
  select 1 from workflow_idempotency_keys k where k.principal = j.value ->> 'oncePrincipal'
    and k.route = j.value ->> 'onceRoute' and k.key = j.value ->> 'onceKey' and k.expires_at > ?3))`;

const ACCEPT = `insert into workflow_accepted (batch, item, run_id, last_seq)
select ?1, j.key, ${RUN},
  coalesce((select max(seq) from workflow_run_events e where e.run_id = ${RUN}), 0)
from json_each(?2) j
where ${[RUN_HOLDS, BRANCHES_HOLD, STEP_HOLDS, APPROVAL_HOLDS, SIGNAL_HOLDS, NOT_ANSWERED].join("\n  and ")}
returning item, last_seq`;

/** Evaluates the guards of all transitions of a batch and lets those through that hold; `item, last_seq` of each. */
export function accept(batch: string, group: readonly Prepared[], now: number): Query {
  return { sql: ACCEPT, args: [batch, JSON.stringify(group.map(guardOf)), now] };
}

function guardOf({ transition, once }: Prepared) {
  const { runId, expected, steps } = transition;
  const { epoch, branches, step, mailboxVersion, approval, signalPending } = expected;
  const written = step && steps.find(({ id }) => id === step.id);
  return {
    run: runId,
    epoch,
    mailbox: mailboxVersion,
    branches: branches.map(({ path, version }) => [path, version]),
    step: step?.id,
    stepBranches: step && (written ? [written.branch] : branches.map(({ path }) => path)),
    status: step?.status,
    attempt: step?.attempt,
    token: step?.token,
    approval: approval?.id,
    approvalStatus: approval?.status,
    decisions: approval?.decisions,
    signal: signalPending,
    oncePrincipal: once?.row[0],
    onceRoute: once?.row[1],
    onceKey: once?.row[2],
  };
}

/** The stored answers of requests that came before: `item, request_hash, answer`. */
export function answered(group: readonly Prepared[], now: number): Query {
  const keys = group.flatMap(({ once }, item) => (once ? [[item, ...once.row.slice(0, 3)]] : []));
  return {
    sql: `select j.value ->> 0, k.request_hash, k.answer from json_each(?) j join workflow_idempotency_keys k
      on k.principal = j.value ->> 1 and k.route = j.value ->> 2 and k.key = j.value ->> 3 and k.expires_at > ?`,
    args: [JSON.stringify(keys), now],
  };
}
