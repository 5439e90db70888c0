-- The trace context (W3C) a run was started in, so that whoever goes on with it names the same trace.

alter table workflow_runs add column traceparent text;
