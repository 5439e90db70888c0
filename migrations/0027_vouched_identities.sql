-- A voice counts when the quorum closes, by who its giver is then: what the identity provider last said of everybody.

create table vouched_identities (
  -- Letter case counts for nothing in a user's name.
  user_key text primary key check (user_key = lower(user)),
  user text not null,
  name text not null,
  groups text not null check (json_valid(groups)),
  vouched_at integer not null,
  -- Sealed.
  access text,
  access_until integer,
  check ((access is null) = (access_until is null))
) strict, without rowid;

create index vouched_identities_by_age on vouched_identities (vouched_at);
