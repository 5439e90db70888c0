-- Other systems start runs and send signals through hooks; every request that a hook believed is kept for a while.

create table hooks (
  hook_id text primary key,
  environment text not null,
  name text not null,
  scheme text not null check (json_valid(scheme)),
  -- Encrypted, or a hash where a token is compared; the one before is good until a time.
  secret text not null,
  previous_secret text,
  previous_until integer,
  target text not null check (json_valid(target)),
  condition text,
  identity text not null check (json_valid(identity)),
  headers text not null check (json_valid(headers)),
  enabled integer not null check (enabled in (0, 1)),
  created_at integer not null,
  created_by text not null,
  updated_at integer not null,
  -- The event of its latest change: an event is kept if and only if its change was.
  changed_by text not null,
  unique (environment, name),
  check ((previous_secret is null) = (previous_until is null))
) strict, without rowid;

create table hook_deliveries (
  delivery_id text primary key,
  hook_id text not null references hooks (hook_id) on delete cascade,
  received_at integer not null,
  event_id text,
  event_type text,
  headers text not null check (json_valid(headers)),
  query text not null check (json_valid(query)),
  content_type text not null,
  -- Absent where it was too long to be kept.
  body text,
  bytes integer not null,
  again_of text,
  again_by text,
  status text not null check (status in ('RECEIVED', 'STARTED', 'SIGNALLED', 'IGNORED', 'FAILED')),
  run_id text,
  repeated integer check (repeated in (0, 1)),
  reason text,
  errors text check (json_valid(errors)),
  check ((again_of is null) = (again_by is null)),
  check ((run_id is null) = (status not in ('STARTED', 'SIGNALLED'))),
  check ((repeated is null) = (status not in ('STARTED', 'SIGNALLED'))),
  check ((reason is null) = (status not in ('IGNORED', 'FAILED'))),
  check ((errors is null) = (status <> 'FAILED'))
) strict, without rowid;

create index hook_deliveries_of_hook on hook_deliveries (hook_id, delivery_id);
create index hook_deliveries_unfinished on hook_deliveries (received_at) where status = 'RECEIVED';
