import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The environment all benchmark workflows live in. */
export const ENVIRONMENT = "default";

/** The steps of the standard job: as many as the bare loop makes. */
export const STEPS = 10;

const AGENTS = {
  constant: ["output: {ok: true}"],
  slow: ["sleep_ms: 200", "output: {ok: true}"],
  slower: ["sleep_ms: 1000", "output: {ok: true}"],
};

/** Writes an environments directory that holds the benchmark's agents. */
export async function writeEnvironments(directory: string): Promise<void> {
  const agents = join(directory, ENVIRONMENT, "agents");
  await mkdir(agents, { recursive: true });
  for (const [name, script] of Object.entries(AGENTS)) {
    const lines = ["---", "model: station/script", "metadata:", `  name: ${name}`, "script:"];
    lines.push(...script.map((line) => `  - ${line}`), "---", "Answer.", "");
    await writeFile(join(agents, `${name}.prompt`), lines.join("\n"));
  }
}

/** The file of an agent with a real model; `more` goes into its head. */
export function promptFile(name: string, more: string): string {
  return `---\nmodel: openai/gpt-4o-mini\nmetadata: { name: ${name} }\n${more}\n---\n{{role "system"}}You are ${name}.\n{{role "user"}}{{userInput}}\n`;
}

/** A real MCP server, from npm. */
export const EVERYTHING = {
  command: process.execPath,
  args: [
    fileURLToPath(
      new URL("../../node_modules/@modelcontextprotocol/server-everything/dist/index.js", import.meta.url),
    ),
    "stdio",
  ],
};

type State = Readonly<Record<string, unknown>>;
/** A workflow definition as it is sent. */
export type Workflow = {
  readonly id: string;
  readonly version: string;
  readonly name: string;
  readonly start: string;
  readonly states: readonly State[];
};

/** `count` steps of one agent, one after the other. */
export function sequence(id: string, agent: keyof typeof AGENTS, count: number): Workflow {
  const states = Array.from({ length: count }, (_, index) => ({
    ...step(`step_${index}`, agent),
    ...(index + 1 < count ? { next: `step_${index + 1}` } : { end: true }),
  }));
  return workflow(id, states);
}

/** The standard job. */
export const TEN_STEPS = sequence("ten-steps", "constant", STEPS);

const ASK = {
  name: "ask",
  type: "operation",
  action: "human.approval",
  input: { message: "Go on?", timeoutSeconds: 864_000 },
};

/** Waits for a person. */
export const APPROVAL = workflow("approval", [{ ...ASK, end: true }]);

/** Waits for a person, and takes a step. */
export const GATED = workflow("gated", [
  { ...ASK, next: "after" },
  { ...step("after", "constant"), end: true },
]);

/** A step, two parallel steps, a step: three hand-offs that may cross processes. */
export const FORK = workflow("fork", [
  { ...step("before", "constant"), next: "fork" },
  {
    name: "fork",
    type: "parallel",
    branches: ["left", "right"].map((name) => ({
      name,
      states: [{ ...step(`${name}_step`, "constant"), end: true }],
    })),
    next: "after",
  },
  { ...step("after", "constant"), end: true },
]);

/** A step for each of `input.items`. */
export function forEachItem(id: string, maxConcurrency: number): Workflow {
  return workflow(id, [
    {
      name: "each",
      type: "foreach",
      itemsPath: "items",
      itemName: "item",
      maxConcurrency,
      iterator: { start: "work", states: [{ ...step("work", "constant"), end: true }] },
      end: true,
    },
  ]);
}

/** One transform. */
export function transform(id: string, expression: string): Workflow {
  return workflow(id, [{ name: "compute", type: "transform", expression, end: true }]);
}

/** A workflow of these states, the first of which it begins with. */
export function workflow(id: string, states: readonly State[]): Workflow {
  return { id, version: "1.0", name: id, start: String(states[0]?.["name"]), states };
}

function step(name: string, agent: keyof typeof AGENTS): State {
  return stepOf(name, agent);
}

/** The only state of a workflow: an agent at work. */
export function agentState(agent: string): State {
  return { ...stepOf("work", agent), end: true };
}

function stepOf(name: string, agent: string): State {
  return { name, type: "operation", action: "agent.run", input: { agent, task: "Answer." } };
}
