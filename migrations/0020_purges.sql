-- The values of a run may have to go while its trail stays: what is left of its events is kept beside their digests.

alter table workflow_runs add column purged_at integer check (purged_at is null or finished_at is not null);
-- An event without its values, in place of data that was purged.
alter table workflow_run_events add column remains text check (remains is null or data like '{"purged":"%');
