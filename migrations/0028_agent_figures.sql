-- How the agents of an environment did lately is counted over their newest runs, which are found by this index.

create index agent_runs_by_time on agent_runs (environment, created_at);
