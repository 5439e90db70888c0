-- Programs call with keys, of which only hashes are kept; whatever is changed about Station itself leaves an event.

create table api_keys (
  environment text not null,
  name text not null,
  scopes text not null check (json_valid(scopes)),
  hash text not null check (length(hash) = 64),
  previous_hash text check (length(previous_hash) = 64),
  previous_until integer,
  created_at integer not null,
  created_by text not null,
  expires_at integer,
  revoked_at integer,
  revoked_by text,
  last_used_at integer,
  -- The event of its latest change: an event is kept if and only if its change was.
  changed_by text not null,
  primary key (environment, name),
  check ((previous_hash is null) = (previous_until is null)),
  check ((revoked_at is null) = (revoked_by is null))
) strict, without rowid;

create table admin_events (
  position integer primary key,
  id text not null unique,
  at integer not null,
  actor text not null,
  channel text not null,
  action text not null,
  environment text,
  subject text not null,
  data text not null check (json_valid(data))
) strict;

create trigger admin_events_stay before update on admin_events begin select raise(abort, 'an event never changes'); end;
create trigger admin_events_last before delete on admin_events begin select raise(abort, 'an event never goes'); end;
