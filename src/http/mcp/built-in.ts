import { type TObject, Type } from "typebox";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { HttpPorts } from "../ports.ts";
import { AnyJson, AnyObject, Labels } from "../schemas/common.ts";
import { RunStatusName } from "../schemas/runs.ts";
import { DEFAULT_WAIT_SECONDS, LONGEST_WAIT_SECONDS, noticed, runAnswer, settled } from "./run-answer.ts";
import type { DoTool, McpTool } from "./tool.ts";
import { activeWorkflows } from "./workflow-tools.ts";

const closed = { additionalProperties: false } as const;
const RunId = Type.String({ minLength: 1, description: "As a start answered it: `run_…`" });
const waitSeconds = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: LONGEST_WAIT_SECONDS,
    description: `How long to wait for the run to end or to need somebody (default ${DEFAULT_WAIT_SECONDS})`,
  }),
);

/**
 * What there is beside the workflows themselves. Nothing here approves or rejects, and nothing changes a definition:
 * what a model may start, people decide about.
 */
export function builtInTools(ports: HttpPorts): ReadonlyMap<string, { tool: McpTool; run: DoTool }> {
  const tools: { tool: McpTool; run: DoTool }[] = [
    {
      tool: reading(
        "list_workflows",
        "List workflows",
        "Lists the active workflows with their input schemas.",
        {},
      ),
      async run(caller) {
        const workflows = await activeWorkflows(ports, caller);
        return {
          environment: caller.environment,
          workflows: workflows.map(({ id, name, description, version, inputSchema }) => ({
            id,
            name,
            description,
            version,
            inputSchema,
          })),
        };
      },
    },
    {
      tool: {
        ...described(
          "start_workflow",
          "Start a workflow",
          "Starts a run of a workflow and answers how it stands after a moment. Repeat a call with the same " +
            "`idempotencyKey` when its answer was lost: it starts nothing twice.",
          {
            workflowId: Type.String({ minLength: 1 }),
            input: Type.Optional(AnyObject),
            version: Type.Optional(Type.Integer({ minimum: 1, description: "The current one unless given" })),
            labels: Type.Optional(Labels),
            idempotencyKey: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
            waitSeconds,
          },
        ),
        annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
      },
      async run(caller, { args, idempotencyKey, signal }) {
        const { workflowId, input, version, labels } = args as {
          workflowId: string;
          input?: JsonObject;
          version?: number;
          labels?: Record<string, string>;
        };
        const key = textOf(args["idempotencyKey"]) ?? idempotencyKey;
        const { runId } = await caller.client.startRun({
          body: {
            workflowId,
            environment: caller.environment,
            ...(input && { input }),
            ...(version !== undefined && { version }),
            ...(labels && { labels }),
          },
          ...(key !== null && { idempotencyKey: key }),
          signal,
        });
        await settled(ports, runId, waitOf(args), signal);
        return runAnswer(caller, runId);
      },
    },
    {
      tool: reading(
        "run_status",
        "Look at a run",
        "Answers how a run stands: its status, its output once it has one, and what it waits for.",
        { runId: RunId, waitSeconds },
      ),
      async run(caller, { args, signal }) {
        const runId = textOf(args["runId"]) ?? "";
        // Whether the caller may see it is asked before it is waited for.
        await caller.client.getRun({ params: { runId }, signal });
        await settled(ports, runId, waitOf(args, 0), signal);
        return runAnswer(caller, runId);
      },
    },
    {
      tool: reading("list_runs", "List runs", "Lists the latest runs, newest first.", {
        workflowId: Type.Optional(Type.String()),
        status: Type.Optional(Type.Array(RunStatusName)),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: "20 unless given" })),
      }),
      async run(caller, { args, signal }) {
        const { items } = await caller.client.listRuns({
          query: { limit: 20, ...args, environment: caller.environment } as { limit: number },
          signal,
        });
        return { runs: items as unknown as JsonValue };
      },
    },
    {
      tool: {
        ...described("signal", "Send a signal", "Sends a signal to a run that waits for one, or will.", {
          runId: RunId,
          name: Type.String({ minLength: 1 }),
          payload: Type.Optional(AnyJson),
          id: Type.Optional(
            Type.String({ minLength: 1, maxLength: 255, description: "The same id counts once" }),
          ),
          waitSeconds,
        }),
        annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
      },
      async run(caller, { args, idempotencyKey, signal }) {
        const { runId, name, payload, id } = args as {
          runId: string;
          name: string;
          payload?: JsonValue;
          id?: string;
        };
        await caller.client.signalRun({
          params: { runId },
          body: { name, ...(payload !== undefined && { payload }), ...(id !== undefined && { id }) },
          ...(idempotencyKey !== null && { idempotencyKey }),
          signal,
        });
        await noticed(ports, runId, signal);
        await settled(ports, runId, waitOf(args), signal);
        return runAnswer(caller, runId);
      },
    },
    {
      tool: reading(
        "validate",
        "Check a definition",
        "Checks a workflow definition without keeping it; answers every error and warning with its place.",
        { definition: Type.Union([Type.String({ description: "YAML or JSON text" }), AnyObject]) },
      ),
      async run({ client, environment }, { args, signal }) {
        const definition = args["definition"] as string | JsonObject;
        const checked = await client.validateWorkflow({ body: { definition, environment }, signal });
        return checked as unknown as JsonValue;
      },
    },
  ];
  return new Map(tools.map((one) => [one.tool.name, one]));
}

function reading(
  name: string,
  title: string,
  description: string,
  properties: TObject["properties"],
): McpTool {
  return { ...described(name, title, description, properties), annotations: { readOnlyHint: true } };
}

function described(name: string, title: string, description: string, properties: TObject["properties"]) {
  const inputSchema = JSON.parse(JSON.stringify(Type.Object(properties, closed))) as JsonObject;
  return { name, title, description, inputSchema };
}

function waitOf(args: JsonObject, otherwise = DEFAULT_WAIT_SECONDS): number {
  return typeof args["waitSeconds"] === "number" ? args["waitSeconds"] : otherwise;
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}
