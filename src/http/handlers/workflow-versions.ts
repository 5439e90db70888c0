import { isSameDefinition } from "../../core/definition/canonical.ts";
import { diffDefinitions } from "../../core/definition/diff/definitions.ts";
import { unifiedDiff } from "../../core/definition/diff/lines.ts";
import { isoTime } from "../../core/time.ts";
import type { StoredWorkflow } from "../../engine/ports/workflows.ts";
import { rollBack } from "../../engine/rollback-workflow.ts";
import { fileAt } from "../../engine/sync-state.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import { noticesOf } from "../json/notices.ts";
import type { HttpPorts } from "../ports.ts";
import { notFound } from "../problems.ts";
import {
  expectedVersion,
  invalidWorkflow,
  missingWorkflow,
  replyTo,
  workflowReply,
} from "./workflow-reply.ts";

type Names =
  | "listWorkflowVersions"
  | "getWorkflowVersion"
  | "diffWorkflow"
  | "diffWorkflowFile"
  | "rollbackWorkflow";

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

    async diffWorkflowFile({ params: { id }, query: { environment } }) {
      const current = await at(environment, id);
      const { definition, text } = await fileOf(ports, current);
      const isSame = isSameDefinition(current.definition, definition);
      return {
        body: {
          workflowId: id,
          environment,
          from: current.version,
          to: isSame ? current.version : current.version + 1,
          ...diffDefinitions(current.definition, definition),
          text: unifiedDiff(current.source, text, { from: `${id} v${current.version}`, to: current.origin }),
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

/** What a workflow's file says now. */
async function fileOf(ports: HttpPorts, { id, environment, origin }: StoredWorkflow) {
  const missing = (why: string) =>
    notFound(`a file of workflow "${id}" in environment "${environment}" (${why})`);
  if (origin === "api") throw missing("it was created over the API");
  if (!(await ports.files.list()).includes(environment)) throw missing("this server has no folder of it");
  const file = fileAt(await ports.files.read(environment), origin);
  if (!file) throw missing(`${origin} is gone`);
  if ("problem" in file) throw invalidWorkflow({ errors: [file.problem], warnings: [] });
  const checked = await ports.checkFile(environment, await ports.agents.inReach(environment), file, null);
  const { definition, errors } = checked;
  if (!definition || errors.length > 0) throw invalidWorkflow(checked);
  if (definition.id !== id) throw missing(`${origin} defines "${definition.id}" now`);
  return { definition, text: file.text };
}
