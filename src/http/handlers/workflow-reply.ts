import type { StoredWorkflow } from "../../engine/ports/workflows.ts";
import { checkWorkflow, type Published } from "../../engine/publish-workflow.ts";
import { syncStates } from "../../engine/sync-state.ts";
import { validationJson, workflowJson } from "../json/workflows.ts";
import type { HttpPorts } from "../ports.ts";
import { HttpProblem } from "../problems.ts";

/** A workflow at its current version, or the one asked for, with what is wrong with it as things are now. */
export async function workflowReply(ports: HttpPorts, environment: string, id: string, version?: number) {
  const workflow = await ports.store.workflows.get(environment, id, version);
  if (!workflow) throw missingWorkflow(environment, id, version);
  const { source, sourceFormat, origin } = workflow;
  const text = { text: source, format: sourceFormat, file: origin };
  return replyWith(ports, workflow, await checkWorkflow(ports, environment, text));
}

type Findings = Parameters<typeof workflowJson>[1];

async function replyWith(ports: HttpPorts, workflow: StoredWorkflow, findings: Findings) {
  const [state = "none"] = await syncStates(ports, workflow.environment, [workflow]);
  return { body: workflowJson(workflow, findings, state), headers: { etag: `"${workflow.version}"` } };
}

/** The answer to what came of publishing: the workflow, or why there is none. */
export async function replyTo(ports: HttpPorts, published: Published, environment: string, id: string) {
  switch (published.status) {
    case "created":
    case "updated":
    case "unchanged":
    case "enabled":
    case "replayed":
      return replyWith(ports, published.workflow, published.checked);
    case "invalid":
      throw invalidWorkflow(published.checked);
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
    case "key-reused":
      throw new HttpProblem(
        "idempotency-key-reused",
        "this Idempotency-Key created a workflow from another text; a new request needs a new key",
      );
    case "absent":
      throw missingWorkflow(environment, id);
    case "version-mismatch":
      throw new HttpProblem(
        "version-mismatch",
        `workflow "${id}" is at version ${published.current}: someone changed it after you read it`,
        { extra: { currentVersion: published.current }, headers: { etag: `"${published.current}"` } },
      );
  }
}

/** A text that is no workflow, with everything that is wrong with it at its lines. */
export function invalidWorkflow(findings: Findings): HttpProblem {
  const validation = validationJson(findings);
  const [first] = validation.errors;
  const more = validation.errors.length > 1 ? ` (and ${validation.errors.length - 1} more)` : "";
  const why = first ? `line ${first.line}: ${first.message}${more}` : "the text cannot be understood";
  return new HttpProblem("workflow-invalid", why, {
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

/** `If-Match: "3"`, as `ETag` gave it. */
export function expectedVersion(ifMatch: string | undefined): "present" | { readonly version: number } {
  if (ifMatch === undefined || ifMatch.trim() === "*") return "present";
  const version = /^(?:W\/)?"?(\d+)"?$/.exec(ifMatch.trim())?.[1];
  if (version === undefined)
    throw new HttpProblem("bad-request", `If-Match must be a version, as in "3"; got ${ifMatch}`);
  return { version: Number(version) };
}

/** There is no such workflow, or no such version of it. */
export function missingWorkflow(environment: string, id: string, version?: number): HttpProblem {
  const which = version === undefined ? `workflow "${id}"` : `version ${version} of workflow "${id}"`;
  return new HttpProblem("not-found", `${which} not found in environment "${environment}"`);
}
