import { isoTime } from "../../core/time.ts";
import type { StoredWorkflow } from "../../engine/ports.ts";
import { checkWorkflow, type Published, publishWorkflow } from "../../engine/publish-workflow.ts";
import { decodeCursor, linkTo, pageOf } from "../cursor.ts";
import type { Handlers } from "../handler.ts";
import { validationJson, workflowJson, workflowRow } from "../json/workflows.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem } from "../problems.ts";
import type { Workflow } from "../schemas/workflows.ts";

type Names =
  | "listWorkflows"
  | "createWorkflow"
  | "validateWorkflow"
  | "getWorkflow"
  | "updateWorkflow"
  | "deleteWorkflow"
  | "listWorkflowVersions"
  | "getWorkflowVersion"
  | "enableWorkflow"
  | "disableWorkflow";

/** `/workflows`: definitions and their versions. */
export function workflowHandlers(ports: HttpPorts): Handlers<Names> {
  const { store } = ports;

  const current = async (environment: string, id: string, version?: number) => {
    const workflow = await store.workflows.get(environment, id, version);
    if (!workflow) throw missing(environment, id, version);
    return replyWith(workflow, await recheck(workflow));
  };
  const recheck = ({ environment, source, sourceFormat, origin }: StoredWorkflow) =>
    checkWorkflow(ports, environment, { text: source, format: sourceFormat, file: origin });
  const setEnabled = async (environment: string, id: string, enabled: boolean) => {
    if (!(await store.workflows.setEnabled(environment, id, enabled, ports.clock.now())))
      throw missing(environment, id);
    return current(environment, id);
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
      const body = pageOf(rows, limit, filter, ({ id }) => ({ at: 0, id }), workflowRow);
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
      const reply = replyTo(published, environment, "");
      return { ...reply, headers: { ...reply.headers, location: addressOf(reply.body) } };
    },

    async validateWorkflow({ body: { source, environment } }) {
      const { definition, ...findings } = await checkWorkflow(ports, environment, source);
      return {
        body: { valid: definition !== null && findings.errors.length === 0, ...validationJson(findings) },
      };
    },

    getWorkflow: ({ params, query }) => current(query.environment, params.id),

    async updateWorkflow({ params: { id }, headers, body: { source, environment }, principal }) {
      const published = await publishWorkflow(ports, {
        environment,
        source,
        origin: "api",
        by: principal.id,
        expect: expected(headers["if-match"]),
        id,
      });
      return replyTo(published, environment, id);
    },

    async deleteWorkflow({ params: { id }, query: { environment } }) {
      switch (await store.workflows.remove(environment, id)) {
        case "removed":
          return { body: null };
        case "unknown":
          throw missing(environment, id);
        case "has-runs":
          throw new HttpProblem(
            "workflow-has-runs",
            `workflow "${id}" has runs, whose history would be lost; disable it instead`,
          );
      }
    },

    async listWorkflowVersions({ params: { id }, query: { environment, limit, cursor }, url }) {
      const filter = { list: "versions", environment, id };
      const before = cursor === undefined ? Number.POSITIVE_INFINITY : decodeCursor(cursor, filter).at;
      const versions = [...(await store.workflows.versions(environment, id))];
      if (versions.length === 0) throw missing(environment, id);
      const rows = versions.filter(({ version }) => version < before).sort((a, b) => b.version - a.version);
      const body = pageOf(
        rows,
        limit,
        filter,
        ({ version }) => ({ at: version, id }),
        ({ version, authorVersion, createdAt, createdBy }) => ({
          version,
          authorVersion,
          createdAt: isoTime(createdAt),
          createdBy,
        }),
      );
      return { body, headers: linkTo(url, body.nextCursor) };
    },

    getWorkflowVersion: ({ params, query }) => current(query.environment, params.id, params.version),
    enableWorkflow: ({ params, query }) => setEnabled(query.environment, params.id, true),
    disableWorkflow: ({ params, query }) => setEnabled(query.environment, params.id, false),
  };
}

type Findings = Parameters<typeof workflowJson>[1];

function replyWith(workflow: StoredWorkflow, findings: Findings) {
  return { body: workflowJson(workflow, findings), headers: { etag: `"${workflow.version}"` } };
}

function replyTo(published: Published, environment: string, id: string) {
  switch (published.status) {
    case "created":
    case "updated":
    case "unchanged":
    case "enabled":
      return replyWith(published.workflow, published.checked);
    case "invalid": {
      const validation = validationJson(published.checked);
      const [first] = validation.errors;
      const more = validation.errors.length > 1 ? ` (and ${validation.errors.length - 1} more)` : "";
      const why = first ? `line ${first.line}: ${first.message}${more}` : "the text cannot be understood";
      throw new HttpProblem("workflow-invalid", why, {
        errors: validation.errors.map(({ path, message, hint, code, line, column }) => ({
          pointer: path,
          message,
          ...(hint !== undefined && { hint }),
          code,
          line,
          column,
        })),
        extra: { validation },
      });
    }
    case "wrong-id":
      throw new HttpProblem(
        "validation",
        `the address names workflow "${id}", the definition "${published.id}"`,
        {
          errors: [
            { pointer: "/id", message: `must be "${id}"`, hint: "to rename a workflow, create a new one" },
          ],
        },
      );
    case "exists":
      throw new HttpProblem(
        "workflow-exists",
        `a workflow with this id exists in environment "${environment}"; use PUT to make a new version`,
      );
    case "absent":
      throw missing(environment, id);
    case "version-mismatch":
      throw new HttpProblem(
        "version-mismatch",
        `workflow "${id}" is at version ${published.current}: someone changed it after you read it`,
        { extra: { currentVersion: published.current }, headers: { etag: `"${published.current}"` } },
      );
  }
}

/** `If-Match: "3"`, as `ETag` gave it. */
function expected(ifMatch: string | undefined): "present" | { readonly version: number } {
  if (ifMatch === undefined || ifMatch.trim() === "*") return "present";
  const version = /^(?:W\/)?"?(\d+)"?$/.exec(ifMatch.trim())?.[1];
  if (version === undefined)
    throw new HttpProblem("bad-request", `If-Match must be a version, as in "3"; got ${ifMatch}`);
  return { version: Number(version) };
}

function addressOf({ id, environment }: Workflow): string {
  return `/api/v1/workflows/${encodeURIComponent(id)}?environment=${encodeURIComponent(environment)}`;
}

function missing(environment: string, id: string, version?: number): HttpProblem {
  const which = version === undefined ? `workflow "${id}"` : `version ${version} of workflow "${id}"`;
  return new HttpProblem("not-found", `${which} not found in environment "${environment}"`);
}
