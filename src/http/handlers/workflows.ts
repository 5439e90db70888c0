import { publishWorkflow, reportWorkflow } from "../../engine/publish-workflow.ts";
import { disableWorkflow, enableWorkflow, removeWorkflow } from "../../engine/switch-workflow.ts";
import { syncStates } from "../../engine/sync-state.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import { endedJson, reportJson, validationJson, workflowRow } from "../json/workflows.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem } from "../problems.ts";
import type { Workflow } from "../schemas/workflows.ts";
import { onceOf } from "./once.ts";
import { expectedVersion, missingWorkflow, replyTo, workflowReply } from "./workflow-reply.ts";

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;

type Names =
  | "listWorkflows"
  | "createWorkflow"
  | "validateWorkflow"
  | "getWorkflow"
  | "getWorkflowStatistics"
  | "updateWorkflow"
  | "deleteWorkflow"
  | "enableWorkflow"
  | "disableWorkflow";

/** `/workflows`: definitions and their versions. */
export function workflowHandlers(ports: HttpPorts): Handlers<Names> {
  const { store } = ports;

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
      const page = await store.workflows.withFigures(rows.slice(0, limit + 1));
      const states = await syncStates(ports, environment, page);
      const body = pageOf(
        page.map((row, index) => [row, states[index] ?? "none"] as const),
        limit,
        filter,
        ([{ id }]) => ({ at: 0, id }),
        ([row, state]) => workflowRow(row, state),
      );
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    async createWorkflow({ body: { source, environment }, principal, by, idempotencyKey }) {
      const published = await publishWorkflow(ports, {
        environment,
        source,
        origin: "api",
        by: by.actor,
        channel: by.channel,
        expect: "absent",
        ...onceOf(principal, idempotencyKey, { environment, text: source.text, format: source.format }),
      });
      const reply = await replyTo(ports, published, environment, "");
      const replayed = published.status === "replayed" ? { "idempotent-replayed": "true" } : {};
      return { ...reply, headers: { ...reply.headers, location: addressOf(reply.body), ...replayed } };
    },

    async validateWorkflow({ body: { source, environment }, query }) {
      const { definition, report, ...findings } = await reportWorkflow(ports, environment, source);
      const valid = definition !== null && findings.errors.length === 0;
      const flow = query.report ? { report: reportJson(report()) } : {};
      return { body: { valid, ...validationJson(findings), ...flow } };
    },

    getWorkflow: ({ params, query }) => workflowReply(ports, query.environment, params.id),

    async getWorkflowStatistics({ params: { id }, query: { environment, runs } }) {
      const known = (await store.workflows.list(environment)).filter((one) => one.id === id);
      const [figured] = await store.workflows.withFigures(known);
      if (!figured) throw missingWorkflow(environment, id);
      const since = ports.clock.now() - THIRTY_DAYS_MS;
      const { states, ways, ...figures } = await store.queries.stepFigures({ environment, id }, since, runs);
      return { body: { ...endedJson(figured), runs: figures.runs, states: [...states], ways: [...ways] } };
    },

    async updateWorkflow({ params: { id }, headers, body: { source, environment }, by }) {
      const published = await publishWorkflow(ports, {
        environment,
        source,
        origin: "api",
        by: by.actor,
        channel: by.channel,
        expect: expectedVersion(headers["if-match"]),
        id,
      });
      return replyTo(ports, published, environment, id);
    },

    async deleteWorkflow({ params: { id }, query: { environment }, by }) {
      switch (await removeWorkflow(ports, environment, id, by)) {
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

    async enableWorkflow({ params: { id }, query: { environment }, by }) {
      if (!(await enableWorkflow(ports, environment, id, by))) throw missingWorkflow(environment, id);
      ports.log.info("workflow enabled", { environment, workflow_id: id, actor: by.actor });
      return workflowReply(ports, environment, id);
    },

    async disableWorkflow({ params: { id }, query: { environment }, by }) {
      if (!(await disableWorkflow(ports, environment, id, "operator", by)))
        throw missingWorkflow(environment, id);
      ports.log.info("workflow disabled", { environment, workflow_id: id, actor: by.actor });
      return workflowReply(ports, environment, id);
    },
  };
}

function addressOf({ id, environment }: Workflow): string {
  return `/api/v1/workflows/${encodeURIComponent(id)}?environment=${encodeURIComponent(environment)}`;
}
