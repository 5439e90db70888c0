import { diffDefinitions } from "../../core/definition/diff/definitions.ts";
import { unifiedDiff } from "../../core/definition/diff/lines.ts";
import { isoTime } from "../../core/time.ts";
import type { StoredWorkflow } from "../../engine/ports/workflows.ts";
import { rollBack } from "../../engine/rollback-workflow.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import { noticesOf } from "../json/notices.ts";
import type { HttpPorts } from "../ports.ts";
import { expectedVersion, missingWorkflow, replyTo, workflowReply } from "./workflow-reply.ts";

type Names = "listWorkflowVersions" | "getWorkflowVersion" | "diffWorkflow" | "rollbackWorkflow";

/** `/workflows/{id}/versions`, what changed between two of them, and the way back to one. */
export function workflowVersionHandlers(ports: HttpPorts): Handlers<Names> {
  const { store } = ports;
  const at = async (environment: string, id: string, version?: number): Promise<StoredWorkflow> => {
    const workflow = await store.workflows.get(environment, id, version);
    if (!workflow) throw missingWorkflow(environment, id, version);
    return workflow;
  };
  return {
    async listWorkflowVersions({ params: { id }, query: { environment, limit, cursor }, url }) {
      const filter = { list: "versions", environment, id };
      const before = cursor === undefined ? Number.POSITIVE_INFINITY : decodeCursor(cursor, filter).at;
      const versions = [...(await store.workflows.versions(environment, id))];
      if (versions.length === 0) throw missingWorkflow(environment, id);
      const rows = versions.filter(({ version }) => version < before).sort((a, b) => b.version - a.version);
      const body = pageOf(
        rows,
        limit,
        filter,
        ({ version }) => ({ at: version, id }),
        ({ createdAt, ...version }) => ({ ...version, createdAt: isoTime(createdAt) }),
      );
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    getWorkflowVersion: ({ params, query }) =>
      workflowReply(ports, query.environment, params.id, params.version),

    async diffWorkflow({ params: { id }, query: { environment, from, to } }) {
      const after = await at(environment, id, to);
      const before = await at(environment, id, from ?? Math.max(1, after.version - 1));
      return {
        body: {
          workflowId: id,
          environment,
          from: before.version,
          to: after.version,
          ...diffDefinitions(before.definition, after.definition),
          text: unifiedDiff(before.source, after.source, {
            from: `${id} v${before.version}`,
            to: `${id} v${after.version}`,
          }),
        },
      };
    },

    async rollbackWorkflow({ params: { id }, query: { environment }, headers, body: { version }, by }) {
      const rolled = await rollBack(ports, {
        environment,
        id,
        version,
        by: by.actor,
        channel: by.channel,
        expect: expectedVersion(headers["if-match"]),
      });
      if (rolled.status === "no-version") throw missingWorkflow(environment, id, version);
      const { body, headers: tags } = await replyTo(ports, rolled, environment, id);
      return { body: { ...body, notices: noticesOf(rolled, version) }, headers: tags };
    },
  };
}
