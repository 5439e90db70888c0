import type { RunId } from "../../core/run/ids.ts";
import type { Handlers } from "../handler.ts";
import { agentRunJson, agentRunSummaryJson } from "../json/agent-runs.ts";
import type { HttpPorts } from "../ports.ts";
import { notFound } from "../problems.ts";

/** What agents were told, said and did. */
export function agentRunHandlers(ports: HttpPorts): Handlers<"getAgentRun" | "listAgentRuns"> {
  const { agents, queries } = ports.store;
  return {
    async getAgentRun({ params: { agentRunId } }) {
      const run = await agents.run(agentRunId);
      if (run) return { body: agentRunJson(run, ports.redact) };
      throw notFound(`agent run ${agentRunId} with a transcript (scripts that call no tools keep none)`);
    },
    async listAgentRuns({ params, query: { stepId } }) {
      const runId = params.runId as RunId;
      const items = await agents.list(runId, stepId);
      if (items.length === 0 && (await queries.status(runId)) === null) throw notFound(`run ${runId}`);
      return { body: { items: items.map(agentRunSummaryJson), nextCursor: null } };
    },
  };
}
