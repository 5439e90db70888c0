import type { BranchPath, RunId, StepId } from "../../core/run/ids.ts";
import type { CalledBy, Step } from "../../core/run/run.ts";
import { type Database, select } from "./database.ts";

const WAITS = `select 1 from workflow_run_steps
where run_id = ? and branch = ? and step_id = ? and called_run_id = ? and status = 'RUNNING'`;

/** Whether the step that called `runId` still waits for it: not once it has ended, been given up, or called another. */
export async function waitsFor(db: Database, caller: CalledBy, runId: RunId): Promise<boolean> {
  return (await select(db, WAITS, [caller.runId, caller.branch, caller.stepId, runId])).length > 0;
}

const GATES_BELOW = `with recursive below (run_id, branch, step_id) as (
  select run_id, called_by ->> 'branch', called_by ->> 'stepId' from workflow_runs where caller = ?
  union all
  select c.run_id, b.branch, b.step_id from below b join workflow_runs c on c.caller = b.run_id
)
select distinct branch, step_id from below b
where exists (select 1 from workflow_run_steps s where s.run_id = b.run_id and s.action = 'human.approval')`;

/** The steps of a run that have called runs in which, or below which, people were asked. */
export async function gatesBelow(
  db: Database,
  runId: RunId,
): Promise<readonly Pick<Step, "id" | "branch">[]> {
  const rows = await select(db, GATES_BELOW, [runId]);
  return rows.map(([branch, id]) => ({ id: String(id) as StepId, branch: String(branch) as BranchPath }));
}
