-- The runs that asked an agent lately are found by its name, however many runs asked others since.

create index agent_runs_by_agent on agent_runs (environment, agent, created_at);
