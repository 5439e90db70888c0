import type { JsonObject } from "../json.ts";

/** What an agent may call, under the name its model knows it by. */
export type BoundTool = {
  /** Of characters that every provider takes. */
  readonly modelName: string;
  /** As the author wrote it. */
  readonly alias: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly effect: Effect;
} & (
  | { readonly kind: "mcp"; readonly server: string; readonly name: string }
  | {
      readonly kind: "agent";
      readonly agent: string;
      /** Every spelling that it answers to. */
      readonly names: readonly string[];
    }
);

/** What is known of a tool's effects. */
export type Effect = {
  /** May be called again when nobody knows what became of a call. */
  readonly isRepeatable: boolean;
  /** May destroy something, as far as anybody can tell: silence counts as yes. */
  readonly isDestructive: boolean;
};

export type Hints = {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
};

/** What a tool's own annotations say, and what the agent's author knows better. */
export function effectOf(hints: Hints, declared: { readonly isRepeatable?: boolean } = {}): Effect {
  const isReadOnly = hints.readOnlyHint === true;
  return {
    isRepeatable: declared.isRepeatable ?? (isReadOnly || hints.idempotentHint === true),
    isDestructive: !isReadOnly && hints.destructiveHint !== false,
  };
}

/**
 * True when a pattern of an agent's file means a tool: `*`, `destructive`, and every way in which `tools` and `agents`
 * may be written. Nothing that a person has to allow is made because its name was written in another way.
 */
export function matches(pattern: string, tool: BoundTool): boolean {
  if (pattern === "*") return true;
  if (pattern === "destructive") return tool.effect.isDestructive;
  const wanted = bare(pattern);
  if (wanted === bare(tool.alias) || wanted === bare(tool.modelName)) return true;
  if (tool.kind === "agent") {
    const asked = agentToolName(pattern.replace(AGENT_TOOL, ""));
    return tool.names.some((name) => name === pattern || agentToolName(name) === asked);
  }
  const { server, name } = tool;
  if (name === pattern || name === wanted) return true;
  return [".", "/", "__"].some((between) =>
    [`${server}${between}${name}`, `${server}${between}*`].includes(wanted),
  );
}

/** The spellings of an agent as a tool: `__agent_x`, `agent_x` and `mcp__station__agent__x`. */
const AGENT_TOOL = /^(?:__agent_|agent_|mcp__station__agent__)/;

/** How an agent is called as a tool. */
export function agentToolName(agent: string): string {
  return `__agent_${agent.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`;
}

/** A name of characters that every provider takes; two tools that would share one are told apart by a number. */
export function modelNames(aliases: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return aliases.map((alias) => {
    // Gemini wants a letter or an underscore first.
    const plain = alias
      .replace(/[^a-zA-Z0-9_-]/g, "_")
      .replace(/^(?=[^a-zA-Z_])/, "_")
      .slice(0, 60);
    let name = plain;
    for (let n = 2; taken.has(name); n++) name = `${plain}_${n}`;
    taken.add(name);
    return name;
  });
}

function bare(name: string): string {
  return name.replace(/^mcp__/, "").replace(/^__/, "");
}
