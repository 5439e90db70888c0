import type { JsonObject, JsonValue } from "../json.ts";
import type { Diagnostic } from "./diagnostic.ts";

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
  /** As written, `station/script` or `provider/model`; `null` where the installation decides. */
  readonly model: string | null;
  readonly description: string | null;
  readonly inputSchema?: JsonObject;
  readonly outputSchema?: JsonObject;
  /** `input.default`: the weakest source of the agent's input. */
  readonly inputDefault?: JsonObject;
  /** What the model `station/script` does, in order. */
  readonly script?: readonly ScriptStep[];
  /** The Handlebars template below the frontmatter. */
  readonly body: string;
  readonly maxSteps: number;
  /** The frontmatter as it is, for keys that are read elsewhere (`tools`, `agents`, `config`, …). */
  readonly raw: JsonObject;
  readonly warnings: readonly Diagnostic[];
};

/** One act of the scripted model; strings may hold templates over `input` and `tools`. */
export type ScriptStep =
  | { readonly does: "text"; readonly text: string }
  | { readonly does: "output"; readonly output: JsonValue }
  | { readonly does: "sleep"; readonly milliseconds: number }
  | {
      readonly does: "error";
      readonly code: string;
      readonly message: string;
      readonly retryable: boolean;
    }
  | { readonly does: "call"; readonly tool: string; readonly args: JsonObject };

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
