import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readDefinition } from "../../src/adapters/files/definition.ts";
import type { Definition, State } from "../../src/core/definition/types.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { blocksOf } from "../../src/core/run/blocks.ts";
import type { Chance } from "../simulation/random.ts";
import { randomWorkflow } from "./random-workflow.ts";

/** A workflow with the text that is published and what the harness has to do for its runs. */
export type Workflow = {
  readonly id: string;
  readonly text: string;
  readonly definition: Definition;
  /** The names of the signals its states wait for, each once. */
  readonly signals: readonly string[];
  readonly inputs: readonly JsonObject[];
};

const RANDOM = 5;
const INPUTS = 3;
const here = import.meta.dirname;

/** The written workflows and some random ones, each with a few inputs. */
export async function workloadOf(chance: Chance): Promise<readonly Workflow[]> {
  const texts = new Map<string, string>();
  for (const file of (await readdir(join(here, "workflows"))).sort())
    texts.set(file, await readFile(join(here, "workflows", file), "utf8"));
  for (let index = 0; index < RANDOM; index++)
    texts.set(`random-${index}.json`, JSON.stringify(randomWorkflow(chance, `random-${index}`)));
  return [...texts].map(([file, text]) => {
    const format = file.endsWith(".json") ? "json" : "yaml";
    const { definition, diagnostics } = readDefinition({ text, format, file });
    if (!definition) throw new Error(`${file}: ${JSON.stringify(diagnostics)}\n${text}`);
    const inputs = Array.from({ length: INPUTS }, (_, index) => inputOf(chance, index));
    return { id: definition.id, text, definition, signals: signalsIn(definition.states), inputs };
  });
}

/**
 * An environments directory with the agents of the workload, their MCP server, and no workflows: those are published
 * over HTTP.
 */
export async function writeEnvironments(directory: string): Promise<void> {
  const environment = join(directory, "default");
  await mkdir(join(environment, "mcp-servers"), { recursive: true });
  await cp(join(here, "agents"), join(environment, "agents"), { recursive: true });
  const talkative = {
    command: process.execPath,
    args: [join(here, "../support/mcp/faulty-server.ts")],
    env: { PASSWORD: "{{ .CHAOS_TOOL_PASSWORD }}" },
  };
  const file = join(environment, "mcp-servers", "talkative.json");
  await writeFile(file, JSON.stringify({ mcpServers: { talkative } }));
}

function inputOf(chance: Chance, index: number): JsonObject {
  const parts = Array.from({ length: 1 + chance.below(4) }, (_, item) => ({
    name: `part-${item}`,
    n: chance.below(5),
  }));
  const many = Array.from({ length: 5 + chance.below(25) }, (_, item) => `thing ${item}`);
  return { name: `case ${index}`, parts, many };
}

function signalsIn(states: readonly State[]): readonly string[] {
  return states.flatMap((state) => [
    ...(state.type === "signal" ? [state.signal] : []),
    ...blocksOf(state).flatMap((block) => signalsIn(block.states)),
  ]);
}
