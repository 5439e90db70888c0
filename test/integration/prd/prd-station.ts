import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../../src/engine/ports.ts";
import { loadConfig } from "../../../src/main/config.ts";
import { startServing } from "../../../src/main/serve.ts";
import { createStation } from "../stories/support/station.ts";

/** The environment of the PRD's agents, and one whose agents must not be reached from it. */
export const PRD = "prd";
const OTHER = "other";

type Agent = { readonly input?: string; readonly output?: string; readonly script: string };

const object = (properties: string, required: string) =>
  `{ type: object, properties: { ${properties} }, required: [${required}] }`;
const POD = "{ type: object, properties: { name: { type: string }, status: { type: string } } }";
const NAMED = "{ type: object, properties: { name: { type: string } } }";

/** The agents of PRD §9.3, and what the tables need beside them; every script is offline. */
const agents: Readonly<Record<string, Agent>> = {
  "kubernetes-triage": { script: `[{ output: { status: healthy } }]` },
  "pod-checker": {
    input: object("namespace: { type: string }", "namespace"),
    output: object(`pods: { type: array, items: ${POD} }, timestamp: { type: string }`, "pods"),
    script: `[{ output: { pods: [{ name: api-0, status: Running }], timestamp: "2026-01-31T12:00:00Z" } }]`,
  },
  "log-analyzer": {
    input: object(`pods: { type: array, items: ${NAMED} }`, "pods"),
    output: `{ type: object, properties: { analysis: { type: string }, severity: { type: string, enum: [low, medium, high, critical] } } }`,
    script: `[{ output: { analysis: "looked at {{ input.pods.0.name }}", severity: low } }]`,
  },
  notifier: { script: `[{ output: { told: true } }]` },
  "minimal-output-agent": {
    output: object("result: { type: string }", "result"),
    script: `[{ output: { result: done } }]`,
  },
  "expects-more-agent": {
    input: `{ type: object, properties: { result: { type: string }, metadata: { type: object } }, required: [result] }`,
    script: `[{ output: { ok: true } }]`,
  },
  "filter-agent": {
    input: object("filters: { type: array, items: { type: string } }", "filters"),
    script: `[{ output: { ok: true } }]`,
  },
  // Whoever reaches it is told so: a step that was refused before fails otherwise.
  "must-not-run": {
    input: object("count: { type: integer }", "count"),
    script: `[{ error: { code: was_called, retryable: false } }]`,
  },
  counter: {
    input: object("count: { type: integer }", "count"),
    output: object("next: { type: integer }", "next"),
    script: `[{ output: { next: "{{ input.count }}" } }]`,
  },
  liar: {
    output: object("severity: { enum: [low, high] }", "severity"),
    script: `[{ output: { other: 1 } }]`,
  },
  "123": { script: `[{ output: { legacy: true } }]` },
};

export const text = (name: string, { input, output, script }: Agent) =>
  [
    "---",
    "model: station/script",
    `metadata: { name: "${name}" }`,
    ...(input ? [`input: { schema: ${input} }`] : []),
    ...(output ? [`output: { schema: ${output} }`] : []),
    `script: ${script}`,
    "---",
    "{{userInput}}",
    "",
  ].join("\n");

export type PrdStation = Awaited<ReturnType<typeof openPrdStation>>;

/** The whole program on a port, with real files; everything else over HTTP. */
export async function openPrdStation() {
  const directory = await mkdtemp(join(tmpdir(), "station-prd-"));
  const environments = join(directory, "environments");
  const agentFile = (name: string, environment = PRD) =>
    join(environments, environment, "agents", `${name}.prompt`);
  for (const environment of [PRD, OTHER])
    await mkdir(join(environments, environment, "agents"), { recursive: true });
  for (const [name, agent] of Object.entries(agents)) await writeFile(agentFile(name), text(name, agent));
  await writeFile(agentFile("elsewhere", OTHER), text("elsewhere", { script: "[{ output: 1 }]" }));
  const loaded = loadConfig({
    PORT: "0",
    STATION_DATA_DIR: directory,
    STATION_ENVIRONMENTS_DIR: environments,
  });
  if (!loaded.ok) throw new Error(`the configuration is wrong: ${JSON.stringify(loaded.problems)}`);
  const lines: { readonly message: string; readonly facts: Readonly<Record<string, unknown>> }[] = [];
  const write = (message: string, facts = {}) => void lines.push({ message, facts });
  const log: Log = { info: write, warn: write, error: write };
  const serving = await startServing(loaded.config, log);
  const station = createStation(serving.url);
  return {
    ...station,
    lines,
    agentFile,
    /** Any request with a definition; the answer, whatever it is. */
    async send(method: string, path: string, definition: string, query: Record<string, string> = {}) {
      const asked = new URLSearchParams({ environment: PRD, ...query });
      const response = await fetch(`${serving.url}/api/v1${path}?${asked}`, {
        method,
        body: definition,
        headers: { "content-type": "application/yaml" },
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    create: (definition: string) => station.publish(definition, PRD),
    /** Creates a workflow and runs it to its end. */
    async runToEnd(definition: string, input: Readonly<Record<string, unknown>> = {}) {
      const { id } = await station.publish(definition, PRD);
      return station.startAndEnd(id, input, PRD);
    },
    async close() {
      await serving.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A workflow of one agent. */
export const single = (id: string, agent: string, more = "") =>
  `id: ${id}\nstates:\n  - id: work\n    type: operation\n    input: { task: agent.run, agent: ${JSON.stringify(agent)}${more} }\n    end: true\n`;
