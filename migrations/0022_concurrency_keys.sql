-- Of the runs that count under one key only so many may go on at once; the others wait for their turn.

alter table workflow_runs add column concurrency_key text;
alter table workflow_runs add column concurrency_limit integer
  check ((concurrency_limit is null) = (concurrency_key is null) and concurrency_limit >= 1);

-- Whoever holds a slot or waits for one, and nobody else.
create index workflow_runs_by_slot on workflow_runs
  (environment, workflow_id, concurrency_key, lifecycle, created_at, run_id)
  where concurrency_key is not null and finished_at is null;
