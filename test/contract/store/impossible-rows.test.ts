import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { change, type Database } from "../../../src/adapters/libsql/database.ts";
import { migrate } from "../../../src/adapters/libsql/migrate.ts";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { AT } from "./given.ts";
import { migrationsDir } from "./subject.ts";

type Row = Record<string, string | number | null>;

const run: Row = {
  run_id: "run_a",
  environment: "default",
  workflow_id: "w",
  workflow_version: 1,
  lifecycle: "RUNNING",
  epoch: 1,
  created_at: AT,
  started_at: AT,
  started_by: "user:ana",
  labels: "{}",
  input: "{}",
};
const branch: Row = { run_id: "run_a", path: "", version: 1, opened_at: AT, state: "check", vars: "{}" };
const step: Row = {
  run_id: "run_a",
  branch: "",
  step_id: "s1",
  state: "check",
  type: "operation",
  visit: 1,
  status: "RUNNING",
  attempt: 1,
  entered_at: AT,
  lease_owner: "w1",
  lease_token: 1,
};
const free: Row = { ...step, lease_owner: null, lease_token: null };
const done: Row = { ...free, status: "SUCCEEDED", finished_at: AT, output: "1" };

let db: Database;
beforeAll(async () => {
  db = openFile(":memory:");
  await migrate(db, migrationsDir, AT);
  await insert("runs", run);
});
afterAll(() => db.close());

async function insert(table: string, row: Row): Promise<void> {
  const columns = Object.keys(row);
  const marks = columns.map(() => "?").join(", ");
  await change(
    db,
    `insert into workflow_${table} (${columns.join(", ")}) values (${marks})`,
    Object.values(row),
  );
}

describe("rows that can be", () => {
  test.each<[string, string, Row]>([
    ["a step in a worker's hands", "run_steps", step],
    ["a step that succeeded", "run_steps", { ...done, step_id: "s2" }],
    [
      "a step to be tried again",
      "run_steps",
      { ...free, step_id: "s3", status: "PENDING", due_at: AT, error: "{}" },
    ],
    [
      "a step that waits for a signal",
      "run_steps",
      { ...free, step_id: "s4", waiting: "signal", waiting_for: "go" },
    ],
    ["a step that waits for its time", "run_steps", { ...free, step_id: "s5", waiting: "timer", due_at: AT }],
    ["a step that waits for its children", "run_steps", { ...free, step_id: "s6", waiting: "children" }],
    ["a branch that stands before a state", "run_branches", branch],
  ])("%s", async (_, table, row) => {
    await insert(table, row);
  });
});

describe("rows that cannot be are refused by the database itself", () => {
  const closed = { ...branch, path: "x/0", state: null, closed_at: AT };
  test.each<[string, string, Row]>([
    ["a status nobody knows", "run_steps", { ...step, step_id: "x", status: "DONE" }],
    ["a success without output", "run_steps", { ...done, step_id: "x", output: null }],
    ["an output without success", "run_steps", { ...step, step_id: "x", output: "1" }],
    ["a failure without error", "run_steps", { ...free, step_id: "x", status: "FAILED", finished_at: AT }],
    ["an error in a success", "run_steps", { ...done, step_id: "x", error: "{}" }],
    ["an end without a time", "run_steps", { ...done, step_id: "x", finished_at: null }],
    ["a time of end without end", "run_steps", { ...step, step_id: "x", finished_at: AT }],
    ["running in nobody's hands and waiting for nothing", "run_steps", { ...free, step_id: "x" }],
    ["running in a worker's hands and waiting", "run_steps", { ...step, step_id: "x", waiting: "children" }],
    ["a lease without a token", "run_steps", { ...step, step_id: "x", lease_token: null }],
    [
      "a worker that holds what is over",
      "run_steps",
      { ...done, step_id: "x", lease_owner: "w1", lease_token: 1 },
    ],
    ["waiting for a signal without a name", "run_steps", { ...free, step_id: "x", waiting: "signal" }],
    ["a timer without a time", "run_steps", { ...free, step_id: "x", waiting: "timer" }],
    ["pending without a time", "run_steps", { ...free, step_id: "x", status: "PENDING" }],
    ["waiting for no approval", "run_steps", { ...free, step_id: "x", status: "WAITING_APPROVAL" }],
    ["text where a number must be", "run_steps", { ...step, step_id: "x", attempt: "one" }],
    ["a step of no run", "run_steps", { ...step, run_id: "run_z" }],
    ["a branch that stands nowhere and is open", "run_branches", { ...branch, path: "x/0", state: null }],
    ["a closed branch without an outcome", "run_branches", closed],
    [
      "a closed branch that stands somewhere",
      "run_branches",
      { ...closed, state: "check", outcome: "{}", outcome_status: "FAILED" },
    ],
    ["a finished run without a time", "runs", { ...run, run_id: "x", lifecycle: "CANCELLED" }],
    [
      "a completed run without output",
      "runs",
      { ...run, run_id: "x", lifecycle: "COMPLETED", finished_at: AT },
    ],
    ["a failed run without error", "runs", { ...run, run_id: "x", lifecycle: "FAILED", finished_at: AT }],
    ["a running run that never started", "runs", { ...run, run_id: "x", started_at: null }],
    ["fewer than no approvals", "runs", { ...run, run_id: "x", open_approvals: -1 }],
    [
      "an event number twice",
      "run_events",
      { run_id: "run_a", seq: 0, at: AT, actor: "a", type: "t", data: "{}" },
    ],
    [
      "an alarm nobody understands",
      "outbox",
      { run_id: "run_a", target: "", kind: "now", due_at: 1, revision: 1, sends: 0 },
    ],
  ])("%s", async (_, table, row) => {
    await expect(insert(table, row)).rejects.toThrow(/constraint failed|cannot store/);
  });
});
