import { Type } from "typebox";
import { AgentRun, AgentRunPage } from "../schemas/agent-runs.ts";
import type { Route } from "./route.ts";

/** What agents were told, said and did. */
export const agentRunRoutes = {
  getAgentRun: {
    method: "get",
    path: "/api/v1/agent-runs/{agentRunId}",
    tag: "Agents",
    summary: "Get an agent run with its transcript",
    description:
      "Prompt, turns and tool calls in order; secrets are hidden. A script that calls no tools keeps none: its step has its answer.",
    needs: "runs:read",
    environment: "agentRun",
    params: Type.Object({ agentRunId: Type.String() }),
    ok: [200, AgentRun],
    problems: ["not-found"],
  },
  listAgentRuns: {
    method: "get",
    path: "/api/v1/workflow-runs/{runId}/agent-runs",
    tag: "Agents",
    summary: "List a run's agent runs, or those of one of its steps, oldest first",
    needs: "runs:read",
    environment: "run",
    params: Type.Object({ runId: Type.String() }),
    query: Type.Object({ stepId: Type.Optional(Type.String()) }),
    ok: [200, AgentRunPage],
    problems: ["not-found"],
  },
} as const satisfies Record<string, Route>;
