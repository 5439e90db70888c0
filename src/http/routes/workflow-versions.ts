import { Type } from "typebox";
import { Environment, IfMatch, paging } from "../schemas/common.ts";
import { RollbackBody, RolledBack, WorkflowDiff, WorkflowVersionPage } from "../schemas/workflow-versions.ts";
import { Workflow } from "../schemas/workflows.ts";
import type { Route } from "./route.ts";

const byId = Type.Object({ id: Type.String() });
const environment = Type.Object({ environment: Environment });
const version = (description: string) => Type.Optional(Type.Integer({ minimum: 1, description }));

/** `/workflows/{id}/versions` and what is done with them. */
export const workflowVersionRoutes = {
  listWorkflowVersions: {
    method: "get",
    path: "/api/v1/workflows/{id}/versions",
    tag: "Workflows",
    summary: "List a workflow's versions, newest first",
    needs: "runs:read",
    environment: "query",
    params: byId,
    query: Type.Object({ environment: Environment, ...paging }),
    ok: [200, WorkflowVersionPage],
    problems: ["not-found"],
  },
  getWorkflowVersion: {
    method: "get",
    path: "/api/v1/workflows/{id}/versions/{version}",
    tag: "Workflows",
    summary: "Get a workflow at one of its versions",
    needs: "runs:read",
    environment: "query",
    params: Type.Object({ id: Type.String(), version: Type.Integer({ minimum: 1 }) }),
    query: environment,
    ok: [200, Workflow],
    problems: ["not-found"],
  },
  diffWorkflow: {
    method: "get",
    path: "/api/v1/workflows/{id}/diff",
    tag: "Workflows",
    summary: "Compare two versions of a workflow",
    needs: "runs:read",
    environment: "query",
    description: "In the words of the language, and line by line.",
    params: byId,
    query: Type.Object({
      environment: Environment,
      from: version("Default: the version before `to`"),
      to: version("Default: the current version"),
    }),
    ok: [200, WorkflowDiff],
    problems: ["not-found"],
  },
  diffWorkflowFile: {
    method: "get",
    path: "/api/v1/workflows/{id}/file-diff",
    tag: "Workflows",
    summary: "Compare a workflow's current version with its file",
    needs: "runs:read",
    environment: "query",
    description: "As `/diff` does; `to` is the version that a sync would make of the file.",
    params: byId,
    query: environment,
    ok: [200, WorkflowDiff],
    problems: ["not-found", "workflow-invalid"],
  },
  rollbackWorkflow: {
    method: "post",
    path: "/api/v1/workflows/{id}/rollback",
    tag: "Workflows",
    summary: "Make an earlier version the current one",
    needs: "workflows:write",
    environment: "query",
    description:
      "Its text becomes a new version; nothing is lost, and runs that have begun stay with theirs. " +
      "`notices` says when a file will bring the other one back.",
    params: byId,
    query: environment,
    headers: IfMatch,
    body: RollbackBody,
    ok: [200, RolledBack],
    problems: ["not-found", "workflow-invalid", "version-mismatch"],
  },
} as const satisfies Record<string, Route>;
