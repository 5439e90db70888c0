-- A process says until when it should have been heard of again: whoever is silent then can be asked for, and need not be
-- waited for until its lease ends. Older programs leave it empty and are waited for.
alter table workflow_leases add column silent_at integer check (silent_at is null or kind = 'process');
