-- How many of those that wait for a slot could start depends on the greatest limit among them, which is looked up at each end.

create index workflow_runs_by_slot_limit on workflow_runs
  (environment, workflow_id, concurrency_key, concurrency_limit)
  where concurrency_key is not null and finished_at is null;
