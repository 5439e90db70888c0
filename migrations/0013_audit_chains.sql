-- The audit trail tells which of its events was changed, not only that one was; what was changed about Station itself
-- is chained as the runs are.

-- How the run's events are hashed, and a short checksum of each event since the seal before.
alter table workflow_run_seals add column format integer not null default 1 check (format in (1, 2));
alter table workflow_run_seals add column marks text not null default '';

create table admin_event_seals (
  position integer primary key,
  hash text not null check (length(hash) = 64)
) strict;
