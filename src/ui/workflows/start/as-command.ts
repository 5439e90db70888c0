import type { JsonObject } from "../../../core/json.ts";

export type Start = {
  readonly workflowId: string;
  readonly environment: string | undefined;
  readonly input: JsonObject;
};

/** The same start as a line for a shell, by HTTP. */
export function asCurl(origin: string, { workflowId, environment, input }: Start): string {
  const body = JSON.stringify({ workflowId, ...(environment !== undefined && { environment }), input });
  return `curl -X POST ${quoted(`${origin}/api/v1/workflow-runs`)} -H 'content-type: application/json' -d ${quoted(body)}`;
}

/** The same start as a line for a shell, by `stn`. */
export function asStn({ workflowId, environment, input }: Start): string {
  const where = environment === undefined ? "" : ` --env ${quoted(environment)}`;
  return `stn run ${quoted(workflowId)}${where} --input-json ${quoted(JSON.stringify(input))}`;
}

/** A word that a shell takes as it is. */
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
