-- Bundles that were installed over the API are in the database: every process has the same files of an environment at
-- the same moment, and an install happens wholly or not at all.

-- Counts an environment's installs; whoever plans one for an older revision must plan again.
create table environment_installs (
  environment text primary key,
  revision integer not null check (revision >= 1),
  changed_by text not null
) strict, without rowid;

create table environment_bundles (
  environment text not null references environment_installs,
  name text not null,
  manifest text not null check (json_valid(manifest)),
  digest text not null check (length(digest) = 64),
  signed_by text,
  installed_at integer not null,
  installed_by text not null,
  primary key (environment, name)
) strict, without rowid;

create table environment_files (
  environment text not null,
  path text not null,
  bundle text not null,
  content text not null,
  sha256 text not null check (length(sha256) = 64),
  primary key (environment, path),
  foreign key (environment, bundle) references environment_bundles (environment, name) on delete cascade
) strict;

create index environment_files_by_bundle on environment_files (environment, bundle);
