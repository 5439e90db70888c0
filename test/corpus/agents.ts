import type { JsonObject } from "../../src/core/json.ts";
import type { AgentInfo } from "../../src/engine/ports/agent-runner.ts";

const text = { type: "string" };
const whole = { type: "integer" };
const severity = { type: "string", enum: ["low", "medium", "high", "critical"] };
const pod = { type: "object", properties: { name: text, status: text } };

/** Every property is there, unless its name ends in `?`. */
function object(properties: JsonObject, more: JsonObject = {}): JsonObject {
  const entries = Object.entries(properties);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([key, schema]) => [key.replace("?", ""), schema])),
    required: entries.filter(([key]) => !key.endsWith("?")).map(([key]) => key),
    ...more,
  };
}

function agent(name: string, inputSchema: JsonObject | null = null, outputSchema: JsonObject | null = null) {
  return {
    name,
    aliases: [name],
    file: `agents/${name}.prompt`,
    description: null,
    model: "station/script",
    simulated: true,
    inputSchema,
    outputSchema,
    tools: [],
    agents: [],
    prompt: null,
    problems: [],
  } satisfies AgentInfo;
}

/** The agents that the workflows of the corpus name; those of PRD §9.3 among them. */
export const corpusAgents: readonly AgentInfo[] = [
  agent(
    "pod-checker",
    object({ namespace: text }),
    object({ pods: { type: "array", items: pod }, "timestamp?": text }),
  ),
  agent(
    "log-analyzer",
    object({ pods: { type: "array", items: { type: "object", properties: { name: text } } } }),
    object({ analysis: text, severity }),
  ),
  agent(
    "slo-analyzer",
    object({ "error_rate?": { type: "number", default: 0.1 } }),
    object({ error_rate: { type: "number" }, "objective?": { type: "number" }, "status?": text }),
  ),
  agent(
    "health-checker",
    object({ "name?": { type: "string", default: "all" } }),
    object({ status: { enum: ["healthy", "degraded", "critical"] } }, { additionalProperties: false }),
  ),
  agent(
    "ticket-writer",
    object({ title: text, severity, "labels?": { type: "array", items: text, default: [] } }),
    object({ id: text, url: text }, { additionalProperties: false }),
  ),
  agent(
    "cost-reporter",
    object({ days: { type: "integer", minimum: 1, maximum: 90 } }),
    object({
      total: { type: "number" },
      rows: { type: "array", items: object({ service: text, amount: { type: "number" } }) },
    }),
  ),
  agent(
    "key-rotator",
    object({ key_id: text }, { additionalProperties: false }),
    object({ key_id: text, rotated: { type: "boolean" }, "next_rotation?": text }),
  ),
  agent(
    "release-deployer",
    object({ name: text, release: text }, { additionalProperties: false }),
    object({ name: text, revision: whole }, { additionalProperties: false }),
  ),
  agent("mail-router", object({ body: text }), {
    oneOf: [
      object({ kind: { const: "bug" }, component: text }),
      object({ kind: { const: "question" }, topic: text }),
    ],
  }),
  ...[
    "a",
    "b",
    "cleaner",
    "deployer",
    "explainer",
    "k8s-pod-checker",
    "kubernetes-triage",
    "looker",
    "notifier",
    "other",
    "Prüfer",
    "reporter",
    "worker",
  ].map((name) => agent(name)),
];
