-- A run that runs an earlier one again says so, and which steps' outcomes it took over.

alter table workflow_runs add column rerun_of text check (json_valid(rerun_of));
alter table workflow_run_steps add column reused_from text;
