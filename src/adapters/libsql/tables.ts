import type { Cell } from "./database.ts";

/** A table the commits write to: its columns in the order in which rows are built. */
export type Table = {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
};

export type Row = readonly Cell[];

export const RUNS: Table = {
  name: "workflow_runs",
  key: ["run_id"],
  columns:
    words(`run_id environment workflow_id workflow_version lifecycle epoch mailbox_version open_approvals
    open_signals simulated created_at started_at finished_at deadline started_by reason labels input output error traceparent
    rerun_of concurrency_key concurrency_limit called_by`),
};

export const BRANCHES: Table = {
  name: "workflow_run_branches",
  key: ["run_id", "path"],
  columns: words(`run_id path opened_at version state step_id closed_at outcome outcome_status vars
    children_opened children_succeeded children_failed`),
};

export const STEPS: Table = {
  name: "workflow_run_steps",
  key: ["run_id", "branch", "step_id"],
  columns: words(`run_id branch step_id state type action visit entered_at input
    status attempt started_at finished_at deadline due_at lease_owner lease_token waiting waiting_for approval_id
    agent_run_id output error validation exit_order exit_path exit_merge exit_result reused_from called_run_id
    exit_whole`),
};

/** A step's columns that never change once it is there; its rows begin with them. */
export const STEP_FIXED = 9;

export const APPROVALS: Table = {
  name: "workflow_approvals",
  key: ["approval_id"],
  columns: words(`approval_id run_id step_id branch state status message title summary approvers quorum
    exclude_starter requested_at expires_at digest decisions terms delegations reminded_at escalations escalated_to
    revision`),
};

export const EVENTS: Table = {
  name: "workflow_run_events",
  key: ["run_id", "seq"],
  columns: words("position run_id seq at actor channel type data spilled"),
};

export const SIGNALS: Table = {
  name: "workflow_signals",
  key: ["run_id", "signal_id"],
  columns: words("run_id signal_id name payload at"),
};

export const PAYLOADS: Table = {
  name: "workflow_payloads",
  key: ["run_id", "hash"],
  columns: words("run_id hash body"),
};

export const ONCE: Table = {
  name: "workflow_idempotency_keys",
  key: ["principal", "route", "key"],
  columns: words("principal route key request_hash answer expires_at"),
};

/** `insert into t (…) values (?, …), …` for `count` rows. */
export function insert({ name, columns }: Table, count = 1): string {
  const row = `(${columns.map(() => "?").join(", ")})`;
  return `insert into ${name} (${columns.join(", ")}) values ${Array(count).fill(row).join(", ")}`;
}

/** What follows an insert when the row is there already: everything but the key and `except` is replaced. */
export function orReplace({ key, columns }: Table, except: readonly string[] = []): string {
  const changed = columns.filter((column) => !key.includes(column) && !except.includes(column));
  return `on conflict (${key.join(", ")}) do update set ${changed.map((c) => `${c} = excluded.${c}`).join(", ")}`;
}

/** `p.a, p.b, …`. */
export function prefixed(prefix: string, columns: readonly string[]): string {
  return columns.map((column) => `${prefix}.${column}`).join(", ");
}

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}
