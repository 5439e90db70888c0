import type { RunId } from "../../core/run/ids.ts";
import type { CalledBy } from "../../core/run/run.ts";
import { type Database, select } from "./database.ts";

const WAITS = `select 1 from workflow_run_steps
where run_id = ? and branch = ? and step_id = ? and called_run_id = ? and status = 'RUNNING'`;

/** Whether the step that called `runId` still waits for it: not once it has ended, been given up, or called another. */
export async function waitsFor(db: Database, caller: CalledBy, runId: RunId): Promise<boolean> {
  return (await select(db, WAITS, [caller.runId, caller.branch, caller.stepId, runId])).length > 0;
}
