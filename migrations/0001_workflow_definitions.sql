-- A workflow is its versions: each is kept for good, because a run refers to the one it was started with.

create table workflow_definitions (
  environment text not null,
  id text not null,
  current_version integer not null check (current_version >= 1),
  enabled integer not null default 1 check (enabled in (0, 1)),
  created_at integer not null,
  updated_at integer not null,
  primary key (environment, id)
) strict, without rowid;

create table workflow_definition_versions (
  environment text not null,
  id text not null,
  version integer not null check (version >= 1),
  author_version text not null,
  name text not null,
  description text,
  definition text not null check (json_valid(definition)),
  source text not null,
  source_format text not null check (source_format in ('yaml', 'json')),
  origin text not null,
  created_at integer not null,
  created_by text not null,
  primary key (environment, id, version),
  foreign key (environment, id) references workflow_definitions on delete cascade
) strict;
