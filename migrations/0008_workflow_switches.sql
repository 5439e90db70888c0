-- A person's switch is not the sync's: a file that is back enables again only what its absence disabled. And a
-- version that was made by going back to an earlier one says so.

alter table workflow_definitions add column disabled_by text check (disabled_by is null or enabled = 0);
alter table workflow_definitions add column disabled_because text
  check (disabled_because is null or (disabled_because in ('operator', 'file-missing') and enabled = 0));
alter table workflow_definition_versions add column restored_from integer check (restored_from < version);
