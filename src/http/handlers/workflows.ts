import type { Switch } from "../../engine/ports.ts";
import { checkWorkflow, publishWorkflow } from "../../engine/publish-workflow.ts";
import { syncStates } from "../../engine/sync-state.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import { validationJson, workflowRow } from "../json/workflows.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem } from "../problems.ts";
import type { Workflow } from "../schemas/workflows.ts";
import { expectedVersion, missingWorkflow, replyTo, workflowReply } from "./workflow-reply.ts";

type Names =
  | "listWorkflows"
  | "createWorkflow"
  | "validateWorkflow"
  | "getWorkflow"
  | "updateWorkflow"
  | "deleteWorkflow"
  | "enableWorkflow"
  | "disableWorkflow";

/** `/workflows`: definitions and their versions. */
export function workflowHandlers(ports: HttpPorts): Handlers<Names> {
  const { store } = ports;
  const setEnabled = async (environment: string, id: string, change: Switch, actor: string) => {
    if (!(await store.workflows.setEnabled(environment, id, change))) throw missingWorkflow(environment, id);
    const facts = { environment, workflow_id: id, actor };
    ports.log.info(change.enabled ? "workflow enabled" : "workflow disabled", facts);
    return workflowReply(ports, environment, id);
  };

  return {
    async listWorkflows({ query, url }) {
      const { environment, status, q, limit, cursor } = query;
      const filter = { list: "workflows", environment, status, q };
      const after = cursor === undefined ? "" : decodeCursor(cursor, filter).id;
      const wanted = q?.toLowerCase() ?? "";
      const rows = (await store.workflows.list(environment))
        .filter(({ id, name }) => id.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted))
        .filter(({ enabled }) => status === undefined || enabled === (status === "active"))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .filter(({ id }) => id > after);
      const states = await syncStates(ports, environment, rows.slice(0, limit));
      const shown = rows.map((row, index) => [row, states[index] ?? "none"] as const);
      const body = pageOf(
        shown,
        limit,
        filter,
        ([{ id }]) => ({ at: 0, id }),
        ([row, state]) => workflowRow(row, state),
      );
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    async createWorkflow({ body: { source, environment }, principal }) {
      const published = await publishWorkflow(ports, {
        environment,
        source,
        origin: "api",
        by: principal.id,
        expect: "absent",
      });
      const reply = await replyTo(ports, published, environment, "");
      return { ...reply, headers: { ...reply.headers, location: addressOf(reply.body) } };
    },

    async validateWorkflow({ body: { source, environment } }) {
      const { definition, ...findings } = await checkWorkflow(ports, environment, source);
      return {
        body: { valid: definition !== null && findings.errors.length === 0, ...validationJson(findings) },
      };
    },

    getWorkflow: ({ params, query }) => workflowReply(ports, query.environment, params.id),

    async updateWorkflow({ params: { id }, headers, body: { source, environment }, principal }) {
      const published = await publishWorkflow(ports, {
        environment,
        source,
        origin: "api",
        by: principal.id,
        expect: expectedVersion(headers["if-match"]),
        id,
      });
      return replyTo(ports, published, environment, id);
    },

    async deleteWorkflow({ params: { id }, query: { environment } }) {
      switch (await store.workflows.remove(environment, id)) {
        case "removed":
          return { body: null };
        case "unknown":
          throw missingWorkflow(environment, id);
        case "has-runs":
          throw new HttpProblem(
            "workflow-has-runs",
            `workflow "${id}" has runs, whose history would be lost; disable it instead`,
          );
      }
    },

    enableWorkflow: ({ params, query, principal }) =>
      setEnabled(query.environment, params.id, { enabled: true, at: ports.clock.now() }, principal.id),

    disableWorkflow: ({ params, query, principal: { id: by } }) =>
      setEnabled(
        query.environment,
        params.id,
        { enabled: false, by, because: "operator", at: ports.clock.now() },
        by,
      ),
  };
}

function addressOf({ id, environment }: Workflow): string {
  return `/api/v1/workflows/${encodeURIComponent(id)}?environment=${encodeURIComponent(environment)}`;
}
