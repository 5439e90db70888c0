-- A browser's session is a sealed cookie; one that was ended before its time is remembered until it would have ended.

create table ended_sessions (
  session_id text primary key,
  until integer not null
) strict, without rowid;
