-- Who did something is half of what an auditor asks; the other half is by which way it came in. Where it was not kept
-- it was a worker most of the time.

alter table workflow_run_events add column channel text not null default 'worker' check (channel <> '');
