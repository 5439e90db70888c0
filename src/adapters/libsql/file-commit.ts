import type { TaskMessage } from "../../engine/ports/queue.ts";
import type { CommitResult } from "../../engine/ports/runs.ts";
import type { Timing } from "./alarms.ts";
import { cancelBelow, clearAlarms, closeAll, RECOUNT } from "./closing.ts";
import { changeAlarmsInFile } from "./file-alarms.ts";
import type { FileDriver } from "./file-driver.ts";
import { FileEvents } from "./file-events.ts";
import { guardInFile, replayInFile } from "./file-guard.ts";
import type { Prepared } from "./prepare.ts";
import { RowWriter } from "./row-writer.ts";
import {
  APPROVALS,
  BRANCHES,
  ONCE,
  orReplace,
  PAYLOADS,
  RUNS,
  SIGNALS,
  STEP_FIXED,
  STEPS,
} from "./tables.ts";
import { RUN_LIFECYCLE } from "./write-rows.ts";

/** What became of one transition of a group, and what its alarms hand over. */
export type Applied = {
  readonly result: CommitResult;
  /** The global position of its last event. */
  readonly position?: number;
  readonly messages: readonly TaskMessage[];
};

const UPDATE_RUN = `update workflow_runs set ${RUN_LIFECYCLE.map((c) => `${c} = ?`).join(", ")} where run_id = ?`;

const COUNT = `update workflow_runs set open_approvals = open_approvals + ?, open_signals = open_signals + ?,
  mailbox_version = mailbox_version + ? where run_id = ?`;

const SIMULATED = "update workflow_runs set simulated = 1 where run_id = ?";

const CHILD_SUCCEEDED = `update workflow_run_branches set children_succeeded = children_succeeded + 1
where run_id = ? and path = ?`;

const CHILD_FAILED = `update workflow_run_branches set children_failed = children_failed + 1
where run_id = ? and path = ?`;

const CONSUME = "update workflow_signals set consumed_by = ? where run_id = ? and signal_id = ?";

/** The columns of a branch's row that its moves change: not its key and opening, not its children's counters. */
const BRANCH_MOVES = [
  BRANCHES.columns.indexOf("version"),
  BRANCHES.columns.indexOf("children_succeeded"),
] as const;

/** Applies transitions one by one, row by row, inside an open transaction of a file. */
export class FileCommit {
  readonly #db: FileDriver;
  readonly #events: FileEvents;
  readonly #runs: RowWriter;
  readonly #branches: RowWriter;
  readonly #steps: RowWriter;
  readonly #approvals: RowWriter;
  readonly #signals: RowWriter;
  readonly #payloads: RowWriter;
  readonly #once: RowWriter;

  constructor(db: FileDriver) {
    this.#db = db;
    this.#events = new FileEvents(db);
    this.#runs = new RowWriter(db, RUNS, "");
    this.#branches = new RowWriter(db, BRANCHES, orReplace(BRANCHES));
    this.#steps = new RowWriter(db, STEPS, orReplace(STEPS));
    this.#approvals = new RowWriter(db, APPROVALS, orReplace(APPROVALS));
    this.#signals = new RowWriter(db, SIGNALS, "");
    this.#payloads = new RowWriter(db, PAYLOADS, "on conflict do nothing");
    this.#once = new RowWriter(db, ONCE, orReplace(ONCE));
  }

  /** Its guards first. What is given up goes before the rows, which may open something there anew. */
  apply(item: Prepared, timing: Timing): Applied {
    const replayed = replayInFile(this.#db, item, timing.now);
    if (replayed) return { result: replayed, messages: [] };
    const guarded = guardInFile(this.#db, item);
    if (!guarded) return { result: { status: "stale" }, messages: [] };
    const { runId, closed } = item;
    if (item.once) this.#once.insert(item.once.row);
    this.#writeRun(item, guarded.simulated);
    for (const row of item.payloads) this.#payloads.insert(row);
    for (const prefix of item.cancelled) this.#runAll(cancelBelow(runId, prefix, item.at));
    this.#writeBranches(item);
    for (const { row, exists } of item.steps)
      if (exists) this.#steps.update(row, STEP_FIXED);
      else this.#steps.insert(row);
    for (const row of item.approvals) this.#approvals.insert(row);
    for (const row of item.received) this.#signals.insert(row);
    for (const { signalId, stepId } of item.consumed)
      this.#db.statement(CONSUME).run([stepId, runId, signalId]);
    const lastSeq = this.#events.write(runId, item.events, guarded.lastSeq);
    if (closed === "ended") this.#runAll([clearAlarms(runId)]);
    if (closed === "cancelled") this.#runAll(closeAll(runId, item.at));
    if (closed === "cancelled" || item.cancelled.length > 0) this.#db.statement(RECOUNT).run([runId]);
    const messages = changeAlarmsInFile(this.#db, item, lastSeq, timing);
    return { result: { status: "committed", lastSeq }, position: this.#events.position, messages };
  }

  #writeRun({ runId, simulated, run, counters }: Prepared, wasSimulated: boolean): void {
    if (run)
      if ("insert" in run) this.#runs.insert(run.insert);
      else this.#db.statement(UPDATE_RUN).run([...run.update, runId]);
    if (counters) this.#db.statement(COUNT).run([...counters, runId]);
    if (simulated && !wasSimulated) this.#db.statement(SIMULATED).run([runId]);
  }

  #writeBranches({ runId, branches, childrenClosed }: Prepared): void {
    const [from, to] = BRANCH_MOVES;
    for (const { row, exists, resetsCounters } of branches)
      if (!exists) this.#branches.insert(row);
      else if (resetsCounters) this.#branches.update(row, from);
      else this.#branches.update(row, from, to);
    for (const { parent, status } of childrenClosed)
      this.#db.statement(status === "succeeded" ? CHILD_SUCCEEDED : CHILD_FAILED).run([runId, parent]);
  }

  #runAll(queries: ReturnType<typeof closeAll>): void {
    for (const { sql, args } of queries) this.#db.statement(sql).run(args);
  }
}
