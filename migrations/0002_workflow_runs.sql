-- A run is a row, a tree of branch rows and a row per visited state, so that a decision costs what it touches.

create table workflow_runs (
  run_id text primary key,
  environment text not null,
  workflow_id text not null,
  workflow_version integer not null,
  lifecycle text not null
    check (lifecycle in ('PENDING', 'RUNNING', 'PAUSED', 'COMPLETED', 'FAILED', 'CANCELLED', 'TIMED_OUT')),
  -- Counts changes of lifecycle: the guard of every decision about the run as a whole.
  epoch integer not null,
  mailbox_version integer not null default 0,
  open_approvals integer not null default 0 check (open_approvals >= 0),
  open_signals integer not null default 0 check (open_signals >= 0),
  simulated integer not null default 0 check (simulated in (0, 1)),
  created_at integer not null,
  started_at integer,
  finished_at integer,
  deadline integer,
  started_by text not null,
  reason text,
  labels text not null,
  input text not null,
  output text,
  error text,
  -- What people see: a running run with something open waits for it.
  status text not null generated always as (
    case
      when lifecycle <> 'RUNNING' then lifecycle
      when open_approvals > 0 then 'WAITING_APPROVAL'
      when open_signals > 0 then 'WAITING_SIGNAL'
      else lifecycle
    end
  ) virtual,
  check ((finished_at is null) = (lifecycle in ('PENDING', 'RUNNING', 'PAUSED'))),
  check ((output is null) = (lifecycle <> 'COMPLETED')),
  check ((error is null) = (lifecycle not in ('FAILED', 'TIMED_OUT'))),
  check (started_at is not null or lifecycle not in ('RUNNING', 'COMPLETED'))
) strict;

create index workflow_runs_by_time on workflow_runs (created_at, run_id);
create index workflow_runs_by_workflow on workflow_runs (workflow_id, created_at, run_id);
create index workflow_runs_by_status on workflow_runs (status, created_at, run_id);

create table workflow_run_branches (
  run_id text not null references workflow_runs on delete cascade,
  path text not null,
  version integer not null check (version >= 1),
  opened_at integer not null,
  -- Where it stands: before a state, in one (with its step), or nowhere because it is closed.
  state text,
  step_id text,
  closed_at integer,
  outcome text,
  outcome_status text check (outcome_status in ('SUCCEEDED', 'FAILED', 'CANCELLED')),
  vars text not null,
  children_opened integer not null default 0,
  children_succeeded integer not null default 0,
  children_failed integer not null default 0,
  primary key (run_id, path),
  check (case
    when closed_at is null then state is not null and outcome is null and outcome_status is null
    else state is null and step_id is null and outcome is not null and outcome_status is not null
  end)
) strict, without rowid;

create table workflow_run_steps (
  run_id text not null references workflow_runs on delete cascade,
  branch text not null,
  step_id text not null,
  state text not null,
  type text not null,
  action text,
  visit integer not null,
  status text not null,
  attempt integer not null,
  entered_at integer not null,
  started_at integer,
  finished_at integer,
  deadline integer,
  due_at integer,
  -- Whoever runs it; the token grows with every claim, so that an earlier holder's result does not count.
  lease_owner text,
  lease_token integer,
  waiting text check (waiting in ('children', 'timer', 'signal')),
  waiting_for text,
  approval_id text,
  agent_run_id text,
  input text,
  output text,
  error text,
  validation text,
  -- Set when the state was left: how its result went into the branch's context, and in which order.
  exit_order integer,
  exit_path text,
  exit_merge text,
  exit_result text,
  primary key (run_id, branch, step_id),
  -- What each status implies; one case, because every step pays for it several times.
  check (visit >= 1 and attempt >= 0 and case status
    when 'PENDING' then due_at is not null and coalesce(finished_at, output, lease_owner, waiting, approval_id) is null
    when 'RUNNING' then coalesce(finished_at, output, error, approval_id) is null and case waiting
      when 'children' then coalesce(lease_owner, due_at, waiting_for) is null
      when 'timer' then due_at is not null and coalesce(lease_owner, waiting_for) is null
      when 'signal' then waiting_for is not null and coalesce(lease_owner, due_at) is null
      else waiting is null and lease_owner is not null and lease_token is not null and due_at is null
    end
    when 'WAITING_APPROVAL' then approval_id is not null
      and coalesce(finished_at, output, error, lease_owner, waiting, due_at) is null
    when 'SUCCEEDED' then output is not null and finished_at is not null
      and coalesce(error, lease_owner, waiting, due_at, approval_id) is null
    when 'CANCELLED' then finished_at is not null
      and coalesce(output, error, lease_owner, waiting, due_at, approval_id) is null
    else status in ('FAILED', 'TIMED_OUT') and error is not null and finished_at is not null
      and coalesce(output, lease_owner, waiting, due_at, approval_id) is null
  end)
) strict;

create index workflow_run_steps_by_owner on workflow_run_steps (lease_owner) where lease_owner is not null;

-- The audit trail. `position` orders the events of all runs and is never used twice: it is given behind the
-- newest event and the sealer's progress (autoincrement would cost every commit a row). `spilled` names the fields
-- of `data` that hold the hash of a payload instead of the value.
create table workflow_run_events (
  position integer primary key,
  run_id text not null references workflow_runs on delete cascade,
  seq integer not null check (seq >= 1),
  at integer not null,
  actor text not null,
  type text not null,
  data text not null,
  spilled text,
  unique (run_id, seq)
) strict;

create table workflow_approvals (
  approval_id text primary key,
  run_id text not null references workflow_runs on delete cascade,
  step_id text not null,
  branch text not null,
  state text not null,
  status text not null check (status in ('PENDING', 'APPROVED', 'REJECTED', 'EXPIRED', 'CANCELLED')),
  message text not null,
  title text,
  summary text not null,
  approvers text not null check (json_valid(approvers)),
  quorum text not null check (json_valid(quorum)),
  exclude_starter integer not null check (exclude_starter in (0, 1)),
  requested_at integer not null,
  expires_at integer,
  digest text not null,
  decisions text not null check (json_valid(decisions)),
  check (status in ('PENDING', 'EXPIRED', 'CANCELLED') or json_array_length(decisions) > 0)
) strict;

create index workflow_approvals_by_run on workflow_approvals (run_id);
create index workflow_approvals_by_time on workflow_approvals (requested_at, approval_id);
create index workflow_approvals_pending on workflow_approvals (requested_at, approval_id) where status = 'PENDING';

-- A run's mailbox: kept also when nobody waits yet; the sender's id makes a repeated signal recognisable.
create table workflow_signals (
  position integer primary key,
  run_id text not null references workflow_runs on delete cascade,
  signal_id text not null,
  name text not null,
  payload text not null,
  at integer not null,
  consumed_by text,
  unique (run_id, signal_id)
) strict;

-- Large values, once per run and content, so that the rows every decision reads stay small.
create table workflow_payloads (
  run_id text not null references workflow_runs on delete cascade,
  hash text not null check (length(hash) = 64),
  body text not null,
  primary key (run_id, hash)
) strict;
