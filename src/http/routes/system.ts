import { Type } from "typebox";
import { AnyObject, Environment } from "../schemas/common.ts";
import {
  Agent,
  AgentPage,
  EvaluateBody,
  EvaluateResult,
  Health,
  Readiness,
  SyncBody,
  SyncReport,
} from "../schemas/system.ts";
import type { Route } from "./route.ts";

/** Agents, environments, expressions, and Station itself. */
export const systemRoutes = {
  listAgents: {
    method: "get",
    path: "/api/v1/agents",
    tag: "Agents",
    summary: "List the agents of an environment",
    query: Type.Object({ environment: Environment }),
    ok: [200, AgentPage],
    problems: [],
  },
  getAgent: {
    method: "get",
    path: "/api/v1/agents/{name}",
    tag: "Agents",
    summary: "Get an agent, by any of its names",
    params: Type.Object({ name: Type.String() }),
    query: Type.Object({ environment: Environment }),
    ok: [200, Agent],
    problems: ["not-found"],
  },
  sync: {
    method: "post",
    path: "/api/v1/sync",
    tag: "Environments",
    summary: "Bring an environment's workflows in line with its files",
    body: SyncBody,
    bodyKind: "optional",
    ok: [200, SyncReport],
    problems: ["not-found"],
  },
  streamNotices: {
    method: "get",
    path: "/api/v1/stream",
    tag: "System",
    summary: "Be told what changed",
    description:
      "Small messages for lists and counts, at most one per topic and half second: `runs` with `{runIds, more}`, " +
      "`approvals` when a question was asked or answered, `workflows` when one was published, enabled or disabled. " +
      "They carry no ids: whoever reconnects reads its lists again.",
    query: Type.Object({
      topics: Type.Optional(
        Type.String({
          pattern: "^(runs|approvals|workflows)(,(runs|approvals|workflows))*$",
          description: "Comma-separated; all without it",
        }),
      ),
    }),
    ok: [200, AnyObject],
    media: "text/event-stream",
    problems: [],
  },
  evaluateExpression: {
    method: "post",
    path: "/api/v1/expressions/evaluate",
    tag: "Runs",
    summary: "Evaluate an expression over a run's context",
    description:
      "`context` alone, or on top of the run's. A faulty expression is an answer too, not a problem.",
    body: EvaluateBody,
    ok: [200, EvaluateResult],
    problems: ["not-found"],
  },
  getOpenApi: {
    method: "get",
    path: "/api/v1/openapi.json",
    tag: "System",
    summary: "This document",
    ok: [200, AnyObject],
    problems: [],
    isPublic: true,
  },
  getWorkflowSchema: {
    method: "get",
    path: "/api/v1/schemas/workflow.json",
    tag: "System",
    summary: "The workflow language as JSON Schema, for editors",
    description: "Draft 2020-12. In a file: `# yaml-language-server: $schema=<this address>`.",
    ok: [200, AnyObject],
    problems: [],
    isPublic: true,
  },
  getProblemPage: {
    method: "get",
    path: "/problems/{code}",
    tag: "System",
    summary: "What a problem's type means",
    params: Type.Object({ code: Type.String() }),
    ok: [200, Type.String()],
    media: "text/plain",
    problems: ["not-found"],
    isPublic: true,
  },
  getHealth: {
    method: "get",
    path: "/healthz",
    tag: "System",
    summary: "Whether the process is alive",
    ok: [200, Health],
    problems: [],
    isPublic: true,
  },
  getReadiness: {
    method: "get",
    path: "/readyz",
    tag: "System",
    summary: "Whether store and queue can be reached",
    ok: [200, Readiness],
    problems: ["unavailable"],
    isPublic: true,
  },
} as const satisfies Record<string, Route>;
