-- Who may decide an approval, how many it takes and what time brings is kept with it, as it was asked.

alter table workflow_approvals add column terms text not null default '{}' check (json_valid(terms));
alter table workflow_approvals add column delegations text not null default '[]' check (json_valid(delegations));
alter table workflow_approvals add column reminded_at integer;
alter table workflow_approvals add column escalations integer not null default 0 check (escalations >= 0);
alter table workflow_approvals add column escalated_to text not null default '[]' check (json_valid(escalated_to));
-- Counts everything that happened to it: the guard of every decision about it.
alter table workflow_approvals add column revision integer not null default 0 check (revision >= 0);

update workflow_approvals set revision = json_array_length(decisions) + (status = 'EXPIRED');
