import type { AgentRules } from "../agent/rules.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Diagnostic, Place } from "./diagnostic.ts";

/** What `config` of an agent's file may say to its model: numbers, which every provider's client is told. */
export const MODEL_SETTINGS = [
  "temperature",
  "topP",
  "topK",
  "maxOutputTokens",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
] as const;

export type SchemaKey = "inputSchema" | "outputSchema";

/** An agent as its `.prompt` file describes it. */
export type AgentDefinition = {
  readonly name: string;
  /** Every spelling a workflow may use: name, file name, and both as slugs. */
  readonly aliases: readonly string[];
  /** Path within the environment: `agents/pod-checker.prompt`. */
  readonly file: string;
  readonly environment: string;
  /** SHA-256 of the file's text, hex. */
  readonly checksum: string;
  /** As written, `station/script` or `provider/model`; "" where the installation decides. */
  readonly model: string;
  readonly description: string | null;
  /** With `input.default`, the weakest source of the agent's input, as its `default`. */
  readonly inputSchema?: JsonObject;
  readonly outputSchema?: JsonObject;
  /** Where in the file the two stand. */
  readonly schemasAt?: { readonly [Key in SchemaKey]?: Place & Pick<Diagnostic, "path"> };
  /** What the model `station/script` does, as written. */
  readonly script?: JsonValue;
  /** The Handlebars template below the frontmatter. */
  readonly body: string;
  /** The line of the file on which the template begins. */
  readonly bodyLine: number;
  /** Tools of MCP servers that it may call, as written: `get_pods`, `__get_pods`, `kubernetes/*`. */
  readonly tools: readonly string[];
  /** Agents that it may call as tools, as written. */
  readonly agents: readonly string[];
  readonly rules: AgentRules;
  /** The frontmatter as it is, for keys that are read elsewhere (`config`, …). */
  readonly raw: JsonObject;
  readonly warnings: readonly Diagnostic[];
};

/** Every spelling under which an agent is found. */
export function aliasesOf(name: string, fileName: string): readonly string[] {
  return [...new Set([name, fileName, slug(name), slug(fileName)])].filter((alias) => alias !== "");
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** Two agents of one environment that answer to the same spelling. */
export type AliasClash = {
  readonly alias: string;
  readonly agents: readonly [AgentDefinition, AgentDefinition];
};

/** Every spelling that more than one agent claims; which one is meant would be chance. */
export function aliasClashes(agents: readonly AgentDefinition[]): readonly AliasClash[] {
  const owners = new Map<string, AgentDefinition>();
  return agents.flatMap((agent) =>
    agent.aliases.flatMap((alias) => {
      const owner = owners.get(alias);
      if (!owner) owners.set(alias, agent);
      return owner ? [{ alias, agents: [owner, agent] as const }] : [];
    }),
  );
}
