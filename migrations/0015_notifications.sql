-- People and programs are told of what happens to runs: who of what, and every telling until it arrived.

create table notification_subscriptions (
  id text primary key,
  environment text not null,
  name text not null,
  types text not null check (json_valid(types)),
  workflows text not null check (json_valid(workflows)),
  labels text not null check (json_valid(labels)),
  channel text not null check (channel in ('webhook', 'slack', 'mail')),
  -- What may be seen of where it goes; what may not is encrypted.
  target text not null check (json_valid(target)),
  sealed text,
  template text not null check (json_valid(template)),
  disabled_at integer,
  disabled_by text,
  disabled_because text check (disabled_because in ('operator', 'gone')),
  -- The newest event when it was made: it is told of later ones.
  since integer not null check (since >= 0),
  created_at integer not null,
  created_by text not null,
  updated_at integer not null,
  -- Counts changes: one that was made to an older state drops out.
  revision integer not null check (revision >= 1),
  -- The event of its latest change: an event is kept if and only if its change was.
  changed_by text not null,
  unique (environment, name),
  check ((sealed is null) = (channel = 'mail')),
  check ((disabled_at is null) = (disabled_by is null)),
  check ((disabled_at is null) = (disabled_because is null))
) strict, without rowid;

-- A subscription that was removed leaves its deliveries: no reference, but its name.
create table notification_deliveries (
  id text primary key,
  subscription_id text not null,
  environment text not null,
  subscription text not null,
  channel text not null check (channel in ('webhook', 'slack', 'mail')),
  recipient text,
  run_id text not null references workflow_runs on delete cascade,
  approval_id text,
  payload text not null check (json_valid(payload)),
  created_at integer not null,
  status text not null check (status in ('PENDING', 'DELIVERED', 'DEAD', 'DROPPED')),
  -- Whoever takes it puts this off: if nobody settles it, it is due again.
  due_at integer,
  settled_at integer,
  attempts integer not null default 0 check (attempts >= 0),
  -- Counts how often it was taken: an earlier holder's word does not count.
  claim integer not null default 0 check (claim >= 0),
  latest text check (json_valid(latest)),
  check ((due_at is null) = (status <> 'PENDING')),
  check ((settled_at is null) = (status = 'PENDING')),
  check ((recipient is null) = (channel <> 'mail')),
  check (attempts > 0 or status in ('PENDING', 'DROPPED'))
) strict, without rowid;

create index notification_deliveries_due on notification_deliveries (subscription_id, due_at)
  where status = 'PENDING';
create index notification_deliveries_by_time on notification_deliveries (created_at, id);
create index notification_deliveries_by_run on notification_deliveries (run_id);
create index notification_deliveries_settled on notification_deliveries (status, settled_at)
  where status <> 'PENDING';
