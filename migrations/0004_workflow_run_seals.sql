-- The audit trail's hash chain is sealed behind the commits, so that it costs a decision nothing.

-- `hash` is the chain's value at the run's event `seq`; `position` is how far all runs had been sealed then.
create table workflow_run_seals (
  run_id text not null references workflow_runs on delete cascade,
  seq integer not null check (seq >= 1),
  hash text not null check (length(hash) = 64),
  primary key (run_id, seq)
) strict, without rowid;

create table workflow_seal_progress (
  id integer primary key check (id = 1),
  position integer not null
) strict;

insert into workflow_seal_progress (id, position) values (1, 0);
