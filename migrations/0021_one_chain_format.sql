-- All runs are hashed in one way, so a seal need not say in which.

alter table workflow_run_seals drop column format;
