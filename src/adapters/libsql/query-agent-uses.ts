import type { RunId } from "../../core/run/ids.ts";
import type { AgentAsked, AgentUse } from "../../engine/ports/queries.ts";
import type { Cells, Database, Query } from "./database.ts";
import { SUMMARY, summaryFrom } from "./query-runs.ts";
import { Cursor } from "./read-rows.ts";

/** So many agent runs, and so many steps of each workflow's newest runs, are looked at. */
const MOST_AGENT_RUNS = 500;
const MOST_STEPS = 10_000;

/** Of each run: its steps, those that failed, and the newest one (a bare column is of the row with the maximum). */
const USES = "run_id, count(*), sum(status in ('FAILED', 'TIMED_OUT')), state, step_id, max(entered_at)";

/** Along the index by agent and time; steps by key. Knows every step that has a transcript, a child's too. */
const BY_TRANSCRIPT = `with recent as materialized (
  select workflow_run_id, branch, step_id from agent_runs
  where environment = ?1 and agent = ?2 order by created_at desc limit ${MOST_AGENT_RUNS}
)
select ${USES} from (
  select s.* from (select distinct workflow_run_id, branch, step_id from recent) r
  cross join workflow_run_steps s
    on s.run_id = r.workflow_run_id and s.branch = r.branch and s.step_id = r.step_id
) group by run_id`;

/** The newest runs of a workflow along its index, and their steps by key: scripts leave no transcript. */
const BY_WORKFLOW = `with recent as materialized (
  select run_id from workflow_runs where workflow_id = ?2 and environment = ?1
  order by created_at desc, run_id desc limit ?4
), seen as materialized (
  select s.run_id, s.state, s.step_id, s.status, s.entered_at, s.action, s.reused_from
  from recent r cross join workflow_run_steps s on s.run_id = r.run_id limit ${MOST_STEPS}
)
select ${USES} from seen
where action = 'agent.run' and reused_from is null and state in (select value from json_each(?3)) group by run_id`;

const RUNS = `select ${SUMMARY} from workflow_runs where run_id in (select value from json_each(?1))
order by created_at desc, run_id desc limit ?2`;

/** The newest runs in which an agent was asked, with the step that asked it last. */
export async function agentUses(
  db: Database,
  { environment, agent, states }: AgentAsked,
  limit: number,
): Promise<readonly AgentUse[]> {
  const found = await db.read([
    { sql: BY_TRANSCRIPT, args: [environment, agent] },
    ...states.map(
      ({ workflowId, names }): Query => ({
        sql: BY_WORKFLOW,
        args: [environment, workflowId, JSON.stringify(names), limit],
      }),
    ),
  ]);
  const uses = new Map<string, Omit<AgentUse, "run">>();
  for (const row of found.flat()) {
    const { runId, ...use } = usedFrom(row);
    // Both may know of a run: the one that knows of more steps is right.
    if (use.steps > (uses.get(runId)?.steps ?? 0)) uses.set(runId, use);
  }
  if (uses.size === 0) return [];
  const [runs = []] = await db.read([{ sql: RUNS, args: [JSON.stringify([...uses.keys()]), limit] }]);
  return runs.flatMap((row) => {
    const run = summaryFrom(new Cursor(row));
    const use = uses.get(run.runId);
    return use ? [{ run, ...use }] : [];
  });
}

function usedFrom(row: Cells): Omit<AgentUse, "run"> & { readonly runId: RunId } {
  const cursor = new Cursor(row);
  return {
    runId: cursor.text() as RunId,
    steps: cursor.number(),
    failed: cursor.number(),
    state: cursor.text(),
    stepId: cursor.text() as AgentUse["stepId"],
  };
}
