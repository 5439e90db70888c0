-- The database asks for work again until it is done, so the queue may lose anything at any time.

-- At most one alarm per branch ('!run': the run as a whole): look at it again at `due_at`.
create table workflow_outbox (
  run_id text not null references workflow_runs on delete cascade,
  target text not null,
  kind text not null check (kind in ('run', 'resume', 'step')),
  due_at integer not null,
  -- Grows with every change, so that a decision clears only the alarm it saw.
  revision integer not null check (revision >= 1),
  -- How often it was handed over since it last changed; 0 while it only waits for its time.
  sends integer not null check (sends >= 0),
  step_id text,
  primary key (run_id, target)
) strict, without rowid;

create index workflow_outbox_by_due on workflow_outbox (due_at);

-- One row per living process, and one per role that only one of them may have.
create table workflow_leases (
  kind text not null check (kind in ('process', 'role')),
  name text not null,
  holder text not null,
  expires_at integer not null,
  primary key (kind, name),
  check (kind = 'role' or name = holder)
) strict, without rowid;

-- A repeated request gets its first answer; kept in the transaction of what it did.
create table workflow_idempotency_keys (
  principal text not null,
  route text not null,
  key text not null,
  request_hash text not null,
  answer text not null check (json_valid(answer)),
  expires_at integer not null,
  primary key (principal, route, key)
) strict, without rowid;

create index workflow_idempotency_keys_by_expiry on workflow_idempotency_keys (expires_at);

-- The transitions a batch has let through, while the batch lasts: its other statements join on them.
create table workflow_accepted (
  batch text not null,
  item integer not null,
  run_id text not null,
  last_seq integer not null,
  primary key (batch, item)
) strict, without rowid;
