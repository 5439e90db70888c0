-- An agent at work on an attempt of a step: its finished model turns and its tool calls, so that neither is ever done
-- twice. Nothing here decides about a run: the step's own row does.

create table agent_runs (
  id text primary key,
  idempotency_key text not null unique,
  environment text not null,
  agent text not null,
  agent_checksum text not null,
  model text not null,
  simulated integer not null check (simulated in (0, 1)),
  input text not null check (json_valid(input)),
  -- The rendered messages.
  prompt text not null check (json_valid(prompt)),
  workflow_run_id text not null references workflow_runs on delete cascade,
  branch text not null,
  step_id text not null,
  attempt integer not null check (attempt >= 1),
  -- A child is called by a tool call of its parent; a root is its own.
  root_id text not null,
  parent_id text,
  parent_call_id text,
  chain text not null check (json_valid(chain)),
  resumed_from text,
  -- The step's fencing token that the last holder came with: an earlier holder writes nothing any more.
  fence integer not null check (fence >= 1),
  status text not null check (status in ('running', 'waiting', 'completed', 'failed', 'cancelled')),
  question text check (json_valid(question)),
  answer text check (json_valid(answer)),
  error text check (json_valid(error)),
  cancel_reason text,
  created_at integer not null,
  finished_at integer,
  check ((parent_id is null) = (parent_call_id is null)),
  check ((parent_id is null) = (root_id = id)),
  check ((finished_at is null) = (status in ('running', 'waiting'))),
  check ((question is not null) = (status = 'waiting')),
  check ((answer is not null) = (status = 'completed')),
  check ((error is not null) = (status = 'failed')),
  check ((cancel_reason is not null) = (status = 'cancelled'))
) strict;

create index agent_runs_by_run on agent_runs (workflow_run_id, created_at);
create index agent_runs_by_root on agent_runs (root_id);
create index agent_runs_open on agent_runs (workflow_run_id) where status in ('running', 'waiting');

create table agent_turns (
  agent_run_id text not null references agent_runs on delete cascade,
  seq integer not null check (seq >= 1),
  kind text not null check (kind in ('answer', 'repair')),
  ask text,
  -- The model's reply word for word, with the provider's own form of it.
  reply text not null check (json_valid(reply)),
  tries integer not null check (tries >= 1),
  started_at integer not null,
  ended_at integer not null,
  primary key (agent_run_id, seq)
) strict, without rowid;

create table agent_tool_calls (
  agent_run_id text not null references agent_runs on delete cascade,
  call_id text not null,
  turn integer not null,
  place integer not null,
  tool text not null,
  args text not null check (json_valid(args)),
  -- How often it was started: written before the tool is called.
  tries integer not null default 0 check (tries >= 0),
  status text not null check (status in ('pending', 'started', 'done')),
  decision text check (json_valid(decision)),
  result text,
  is_error integer check (is_error in (0, 1)),
  spent text check (json_valid(spent)),
  simulated integer not null default 0 check (simulated in (0, 1)),
  started_at integer,
  ended_at integer,
  primary key (agent_run_id, call_id),
  check ((result is not null) = (status = 'done') and (ended_at is not null) = (status = 'done')),
  check ((is_error is not null) = (status = 'done')),
  check (status <> 'started' or (started_at is not null and tries > 0))
) strict, without rowid;
