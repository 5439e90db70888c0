import { createHash } from "node:crypto";
import type { JsonObject } from "../../core/json.ts";
import { Lru } from "../../core/lru.ts";
import type { HttpPorts } from "../ports.ts";
import type { Caller } from "./caller.ts";
import { DEFAULT_WAIT_SECONDS, runAnswer, settled } from "./run-answer.ts";
import type { McpTool, ToolUse } from "./tool.ts";

/** A workflow as an MCP client sees it. */
export type ActiveWorkflow = {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly version: number;
  readonly inputSchema: JsonObject;
};

/** The tool of a workflow is called this and the workflow's id. */
const PREFIX = "run_";
/** What the APIs of models allow in a tool's name. */
const MAX_NAME = 64;

/** Versions never change, so what was read of one is kept. */
const schemas = new Lru<string, JsonObject>(1000);

/** The active workflows of the caller's environment; throws what the API throws where they may not see them. */
export async function activeWorkflows(
  { store }: Pick<HttpPorts, "store">,
  { client, environment }: Caller,
): Promise<readonly ActiveWorkflow[]> {
  await client.listWorkflows({ query: { environment, limit: 1 } });
  const active = (await store.workflows.list(environment)).filter(({ enabled }) => enabled);
  const found: ActiveWorkflow[] = [];
  for (const { id, name, description, version } of active) {
    const key = JSON.stringify([environment, id, version]);
    const known = schemas.get(key);
    const stored = known ? null : await store.workflows.startable(environment, id, version);
    const inputSchema = known ?? asObjectSchema(stored?.definition.inputSchema);
    if (stored) schemas.set(key, inputSchema);
    found.push({ id, name, description, version, inputSchema });
  }
  return found;
}

/** A workflow as a tool: its input is the run's input. */
export function workflowTool({ id, name, description, version, inputSchema }: ActiveWorkflow): McpTool {
  const about = description ?? `Runs the workflow "${id}".`;
  return {
    name: toolName(id),
    title: name,
    description: `${about}${/[.!?]$/.test(about) ? "" : "."} Starts a run (version ${version}) and answers how it stands after a moment.`,
    inputSchema,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
  };
}

/** Starts the workflow that a tool's name stands for; `null` when it stands for none. */
export async function runWorkflowTool(
  ports: HttpPorts,
  caller: Caller,
  name: string,
  { args, idempotencyKey, signal }: ToolUse,
) {
  if (!name.startsWith(PREFIX)) return null;
  const workflowId = await workflowOf(ports, caller, name);
  if (workflowId === null) return null;
  const { runId } = await caller.client.startRun({
    body: { workflowId, environment: caller.environment, input: args },
    ...(idempotencyKey !== null && { idempotencyKey }),
    signal,
  });
  await settled(ports, runId, DEFAULT_WAIT_SECONDS, signal);
  return runAnswer(caller, runId);
}

/** The active workflow that a tool's name stands for. Most names say it, and the others need not be looked at. */
async function workflowOf(ports: HttpPorts, caller: Caller, name: string): Promise<string | null> {
  const id = name.slice(PREFIX.length);
  if (toolName(id) === name)
    return (await ports.store.workflows.startable(caller.environment, id))?.enabled ? id : null;
  return (await activeWorkflows(ports, caller)).find((one) => toolName(one.id) === name)?.id ?? null;
}

/** The id where it can be a name; otherwise as much of it as can be, and a hash that tells it from others. */
export function toolName(id: string): string {
  const name = PREFIX + id;
  if (/^[\w-]+$/.test(name) && name.length <= MAX_NAME) return name;
  const hash = createHash("sha256").update(id).digest("hex").slice(0, 8);
  return `${name.replace(/[^\w-]+/g, "_").slice(0, MAX_NAME - hash.length - 1)}_${hash}`;
}

function asObjectSchema(schema: JsonObject = {}): JsonObject {
  return schema["type"] === "object" ? schema : { ...schema, type: "object" };
}
