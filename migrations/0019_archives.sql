-- What finished long ago leaves the database for files. A file is announced before it is written, and is whole on disk
-- before the first of its rows goes, so that a process may die between any two of these steps.

create table workflow_archives (
  archive_id text primary key,
  file text not null unique,
  created_at integer not null,
  -- writing: the file may be there, half or whole, and nothing of it counts. written: it counts, its rows may still be
  -- here. done: they are gone.
  status text not null check (status in ('writing', 'written', 'done')),
  runs integer not null check (runs >= 0),
  events integer not null check (events >= 0),
  bytes integer,
  sha256 text check (length(sha256) = 64),
  check ((sha256 is null) = (status = 'writing') and (bytes is null) = (status = 'writing'))
) strict, without rowid;

create index workflow_archives_unfinished on workflow_archives (archive_id) where status <> 'done';

-- In which file a run is, and the head of its hash chain; until `removed_at` its rows are here too.
create table workflow_archived_runs (
  run_id text primary key,
  archive_id text not null references workflow_archives on delete cascade,
  environment text not null,
  seq integer not null check (seq >= 1),
  hash text not null check (length(hash) = 64),
  removed_at integer
) strict, without rowid;

create index workflow_archived_runs_by_archive on workflow_archived_runs (archive_id, run_id);

-- Runs that stay, however old they become.
create table workflow_run_holds (
  run_id text primary key references workflow_runs on delete cascade,
  reason text not null,
  held_at integer not null,
  held_by text not null
) strict, without rowid;
