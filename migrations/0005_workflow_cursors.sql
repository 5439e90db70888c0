-- Whoever works through the events of all runs in order remembers here how far it is.

create table workflow_cursors (
  name text primary key,
  position integer not null check (position >= 0)
) strict, without rowid;
