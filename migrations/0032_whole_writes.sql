-- A result that a try block writes somewhere replaces what stood there, and is not merged with it.

-- Older programs may go on.

-- The places in `exit_merge` that replace what stood there.
alter table workflow_run_steps add column exit_whole text check (json_valid(exit_whole));
