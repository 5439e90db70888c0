import { Type } from "typebox";
import { Environment, IfMatch, NamedEnvironment, paging } from "../schemas/common.ts";
import { DefinitionBody, ValidationResult, Workflow, WorkflowPage } from "../schemas/workflows.ts";
import type { Route } from "./route.ts";

const byId = Type.Object({ id: Type.String() });
const environment = Type.Object({ environment: Environment });
const bodyOrQuery = Type.Object({ environment: Type.Optional(NamedEnvironment) });

/** `/workflows`: definitions and their versions. */
export const workflowRoutes = {
  listWorkflows: {
    method: "get",
    path: "/api/v1/workflows",
    tag: "Workflows",
    summary: "List workflows, by id",
    query: Type.Object({
      environment: Environment,
      status: Type.Optional(Type.Enum(["active", "disabled"])),
      q: Type.Optional(Type.String({ description: "Part of the id or name" })),
      ...paging,
    }),
    ok: [200, WorkflowPage],
    problems: [],
  },
  createWorkflow: {
    method: "post",
    path: "/api/v1/workflows",
    tag: "Workflows",
    summary: "Create a workflow",
    query: bodyOrQuery,
    body: DefinitionBody,
    bodyKind: "definition",
    ok: [201, Workflow],
    problems: ["workflow-invalid", "workflow-exists"],
  },
  validateWorkflow: {
    method: "post",
    path: "/api/v1/workflows/validate",
    tag: "Workflows",
    summary: "Check a definition without keeping it",
    query: bodyOrQuery,
    body: DefinitionBody,
    bodyKind: "definition",
    ok: [200, ValidationResult],
    problems: [],
  },
  getWorkflow: {
    method: "get",
    path: "/api/v1/workflows/{id}",
    tag: "Workflows",
    summary: "Get a workflow at its current version",
    params: byId,
    query: environment,
    ok: [200, Workflow],
    problems: ["not-found"],
  },
  updateWorkflow: {
    method: "put",
    path: "/api/v1/workflows/{id}",
    tag: "Workflows",
    summary: "Make a new version of a workflow",
    description: "An unchanged definition makes none.",
    params: byId,
    query: bodyOrQuery,
    headers: IfMatch,
    body: DefinitionBody,
    bodyKind: "definition",
    ok: [200, Workflow],
    problems: ["workflow-invalid", "not-found", "version-mismatch"],
  },
  deleteWorkflow: {
    method: "delete",
    path: "/api/v1/workflows/{id}",
    tag: "Workflows",
    summary: "Delete a workflow that never ran",
    params: byId,
    query: environment,
    ok: [204, null],
    problems: ["not-found", "workflow-has-runs"],
  },
  enableWorkflow: {
    method: "post",
    path: "/api/v1/workflows/{id}/enable",
    tag: "Workflows",
    summary: "Let a workflow be started again",
    params: byId,
    query: environment,
    ok: [200, Workflow],
    problems: ["not-found"],
  },
  disableWorkflow: {
    method: "post",
    path: "/api/v1/workflows/{id}/disable",
    tag: "Workflows",
    summary: "Refuse new runs of a workflow",
    description: "Runs that have begun go on.",
    params: byId,
    query: environment,
    ok: [200, Workflow],
    problems: ["not-found"],
  },
} as const satisfies Record<string, Route>;
