-- A step may have a run of another workflow do its work: the one names the other, in both directions.

-- Older programs may go on.

alter table workflow_runs add column called_by text check (json_valid(called_by));
alter table workflow_runs add column caller text generated always as (called_by ->> 'runId') virtual;

create index workflow_runs_by_caller on workflow_runs (caller) where caller is not null;

-- Of a step that is `RUNNING` and waits for `children`: the run that it waits for.
alter table workflow_run_steps add column called_run_id text;
