-- A version's number is never given twice: processes and archives know a definition by it, also when its workflow was
-- removed and another has taken the name.

-- Older programs may go on.

create table removed_workflows (
  environment text not null,
  id text not null,
  last_version integer not null check (last_version >= 1),
  primary key (environment, id)
) strict, without rowid;
