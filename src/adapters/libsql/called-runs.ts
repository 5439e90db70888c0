import type { BranchPath, RunId, StepId } from "../../core/run/ids.ts";
import type { CalledBy } from "../../core/run/run.ts";
import type { GateBelow } from "../../core/run/taken-over.ts";
import { type Database, select } from "./database.ts";

const WAITS = `select 1 from workflow_run_steps
where run_id = ? and branch = ? and step_id = ? and called_run_id = ? and status = 'RUNNING'`;

/** Whether the step that called `runId` still waits for it: not once it has ended, been given up, or called another. */
export async function waitsFor(db: Database, caller: CalledBy, runId: RunId): Promise<boolean> {
  return (await select(db, WAITS, [caller.runId, caller.branch, caller.stepId, runId])).length > 0;
}

const GATES_BELOW = `with recursive below (run_id, branch, step_id) as (
  select run_id, called_by ->> 'branch', called_by ->> 'stepId' from workflow_runs where caller = ?1
  union all
  select c.run_id, b.branch, b.step_id from below b join workflow_runs c on c.caller = b.run_id
)
select distinct branch, step_id, null from below b
where exists (select 1 from workflow_run_steps s where s.run_id = b.run_id and s.action = 'human.approval')
union all
select coalesce(b.branch, s.branch), coalesce(b.step_id, s.step_id), s.called_run_id
from (select ?1 as run_id, null as branch, null as step_id union all select * from below) b
join workflow_run_steps s on s.run_id = b.run_id
join workflow_archived_runs a on a.run_id = s.called_run_id`;

/** The steps of a run that have called runs in which, or below which, people were asked, or may have been. */
export async function gatesBelow(db: Database, runId: RunId): Promise<readonly GateBelow[]> {
  const rows = await select(db, GATES_BELOW, [runId]);
  return rows.map(([branch, id, archived]) => ({
    id: String(id) as StepId,
    branch: String(branch) as BranchPath,
    archived: archived as RunId | null,
  }));
}
