import { addUsage, NO_USAGE, type Reply } from "../../core/agent/agent-run.ts";
import type { RunId } from "../../core/run/ids.ts";
import type { AgentRunSummary } from "../../engine/ports/agents.ts";
import { AGENT_RUN, agentRunFrom } from "./agent-rows.ts";
import type { Database } from "./database.ts";

/** Of a turn `t` of an agent run `r`: an earlier attempt had finished it, and was charged for it. */
export const IS_TAKEN_OVER = `exists (
  select 1 from agent_turns o where o.agent_run_id = r.resumed_from and o.seq = t.seq)`;

const USAGES = `select t.agent_run_id, iif(${IS_TAKEN_OVER}, null, t.reply -> '$.usage')
from agent_turns t join agent_runs r on r.id = t.agent_run_id where r.workflow_run_id = ?1 and (?2 is null or r.step_id = ?2)`;

const CALLS = `select c.agent_run_id, count(*)
from agent_tool_calls c join agent_runs r on r.id = c.agent_run_id where r.workflow_run_id = ?1 and (?2 is null or r.step_id = ?2)
group by 1`;

/** The agent runs of a workflow's run, or of one step of it, oldest first. */
export async function listAgentRuns(
  db: Database,
  runId: RunId,
  step: string | null,
): Promise<readonly AgentRunSummary[]> {
  const args = [runId, step];
  const [rows = [], usages = [], counts = []] = await db.read([
    {
      sql: `select ${AGENT_RUN} from agent_runs
where workflow_run_id = ?1 and (?2 is null or step_id = ?2) order by created_at, rowid`,
      args,
    },
    { sql: USAGES, args },
    { sql: CALLS, args },
  ]);
  const used = Map.groupBy(usages, ([id]) => String(id));
  const calls = new Map(counts.map(([id, count]) => [String(id), Number(count)]));
  return rows.map((row) => {
    const { run } = agentRunFrom(row, [], []);
    const { id, agent, model, simulated, place, family, createdAt, status } = run;
    const own = used.get(id) ?? [];
    const usage = own.reduce(
      (sum, [, text]) => (text === null ? sum : addUsage(sum, JSON.parse(String(text)) as Reply["usage"])),
      NO_USAGE,
    );
    return {
      id,
      agent,
      model,
      simulated,
      place,
      family,
      createdAt,
      status: status.status,
      finishedAt: "at" in status ? status.at : null,
      turns: own.length,
      calls: calls.get(id) ?? 0,
      usage,
    };
  });
}
