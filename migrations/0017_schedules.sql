-- Schedules start runs by themselves: what a schedule decided about a tick is kept before anything comes of it.

create table schedules (
  id text primary key,
  environment text not null,
  name text not null,
  workflow_id text not null,
  origin text not null check (origin in ('api', 'workflow')),
  spec text not null check (json_valid(spec)),
  paused_at integer,
  paused_by text,
  pause_reason text,
  -- Every tick up to here has been dealt with.
  considered_until integer not null,
  -- When somebody has to look at it; null while nothing is to come.
  look_at integer,
  -- Grows with every change: the guard of every decision about its ticks.
  revision integer not null check (revision >= 1),
  -- The latest change: ticks and events are kept if and only if theirs was.
  changed_by text not null,
  created_at integer not null,
  created_by text not null,
  updated_at integer not null,
  updated_by text not null,
  unique (environment, name),
  check ((paused_at is null) = (paused_by is null)),
  check (pause_reason is null or paused_at is not null)
) strict;

create index schedules_by_look on schedules (look_at) where look_at is not null;

create table schedule_ticks (
  schedule_id text not null references schedules on delete cascade,
  -- The time it stands for, or for one that was fired by hand, a hash of who asked.
  key text not null,
  at integer not null,
  status text not null check (status in ('waiting', 'starting', 'started', 'skipped', 'failed', 'missed')),
  decided_at integer not null,
  triggered_by text,
  run_id text,
  reason text,
  until integer,
  count integer check (count >= 1),
  -- Later ticks may have to wait for it, or for its run.
  is_open integer not null check (is_open in (0, 1)),
  primary key (schedule_id, key),
  check (case status
    when 'waiting' then is_open = 1 and coalesce(run_id, reason, until, count) is null
    when 'starting' then is_open = 1 and run_id is not null and coalesce(reason, until, count) is null
    when 'started' then run_id is not null and coalesce(reason, until, count) is null
    when 'missed' then is_open = 0 and run_id is null and reason is not null and until >= at
    else is_open = 0 and reason is not null and coalesce(run_id, until, count) is null
  end)
) strict, without rowid;

create index schedule_ticks_by_time on schedule_ticks (schedule_id, at, key);
create index schedule_ticks_open on schedule_ticks (schedule_id) where is_open = 1;
create index schedule_ticks_waiting on schedule_ticks (schedule_id) where status = 'waiting';
