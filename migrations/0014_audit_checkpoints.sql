-- A checkpoint vouches for the audit trail as it stood, signed where there is a key, and for all checkpoints before it:
-- whoever rewrites a run, its hashes included, has to rewrite them too.

create table audit_checkpoints (
  number integer primary key check (number >= 1),
  -- Its text, which is what the next one's hash and the signature are over.
  body text not null check (json_valid(body) and (body ->> 'number') = number),
  signature text check (json_valid(signature))
) strict;

-- Where the chains of the runs stood that had changed. Stays when a run goes: its checkpoint counts it for ever.
create table audit_heads (
  checkpoint integer not null references audit_checkpoints,
  run_id text not null,
  seq integer not null check (seq >= 1),
  hash text not null check (length(hash) = 64),
  primary key (checkpoint, run_id)
) strict, without rowid;

create index audit_heads_by_run on audit_heads (run_id, checkpoint);

create trigger audit_checkpoints_stay before update on audit_checkpoints begin select raise(abort, 'a checkpoint never changes'); end;
create trigger audit_checkpoints_last before delete on audit_checkpoints begin select raise(abort, 'a checkpoint never goes'); end;
create trigger audit_heads_stay before update on audit_heads begin select raise(abort, 'a checkpoint never changes'); end;
create trigger audit_heads_last before delete on audit_heads begin select raise(abort, 'a checkpoint never goes'); end;
