import { type BranchPath, lastSegment, type RunId, type StepId } from "../../core/run/ids.ts";
import type { StepError } from "../../core/run/run.ts";
import type { StepView } from "../../engine/ports/queries.ts";
import { type Cells, type Database, select } from "./database.ts";
import { payloadsOf } from "./payloads.ts";
import { Cursor } from "./read-rows.ts";
import { type Payloads, parsed } from "./texts.ts";

const STEPS = `select step_id, state, type, action, branch, status, attempt, input, output, error, validation,
  agent_run_id, reused_from, called_run_id, coalesce(started_at, entered_at), finished_at
from workflow_run_steps where run_id = ? order by entered_at, exit_order is null, exit_order, branch, visit, state`;

/** All steps of a run in the order in which they were entered. */
export async function listSteps(db: Database, runId: RunId): Promise<readonly StepView[]> {
  const rows = await select(db, STEPS, [runId]);
  const payloads = await payloadsOf(db, runId, rows);
  return rows.map((row) => viewFrom(row, payloads));
}

function viewFrom(row: Cells, payloads: Payloads): StepView {
  const cursor = new Cursor(row);
  const stepId = cursor.text() as StepId;
  const state = cursor.text();
  const type = cursor.text();
  const action = cursor.optionalText();
  const branch = cursor.text() as BranchPath;
  return {
    stepId,
    state,
    type,
    action,
    branch,
    index: indexOf(branch),
    status: cursor.text(),
    attempt: cursor.number(),
    input: parsed(cursor.optionalText(), payloads),
    output: parsed(cursor.optionalText(), payloads),
    error: (parsed(cursor.optionalText(), payloads) ?? null) as StepError | null,
    validation: parsed(cursor.optionalText(), payloads),
    agentRunId: cursor.optionalText(),
    reusedFrom: cursor.optionalText() as StepId | null,
    calledRunId: cursor.optionalText() as RunId | null,
    startedAt: cursor.number(),
    finishedAt: cursor.optionalNumber(),
  };
}

/** The foreach index: the last segment of the path where it is a number. */
function indexOf(branch: BranchPath): number | null {
  const last = lastSegment(branch);
  return /^\d+$/.test(last) ? Number(last) : null;
}
