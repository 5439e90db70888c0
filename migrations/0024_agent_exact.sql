-- What agents are told, say and call is kept without its secrets; what a turn needs to go on exactly is here, sealed
-- where there are keys, and only until the step is over.

create table agent_exact (
  agent_run_id text not null references agent_runs on delete cascade,
  -- What it belongs to: head, answer, turn/1, call/id.
  place text not null,
  -- Empty: it held a secret that was not kept.
  text text not null,
  primary key (agent_run_id, place)
) strict, without rowid;
