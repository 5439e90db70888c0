import type { JsonObject } from "../../json.ts";
import { checkDefinition } from "../check.ts";
import { type Described, expressionsOf } from "../expressions.ts";
import type { AgentSchemas } from "./agent-input.ts";
import { checkFlow } from "./flow.ts";

const nowhere = () => ({ line: 1, column: 1 });

/** An object schema whose properties are all required, but for the names that end in `?`. */
export function object(properties: JsonObject, more: JsonObject = {}): JsonObject {
  const entries = Object.entries(properties);
  return {
    type: "object",
    properties: Object.fromEntries(entries.map(([key, schema]) => [key.replace("?", ""), schema])),
    required: entries.filter(([key]) => !key.endsWith("?")).map(([key]) => key),
    ...more,
  };
}

/** An agent by what it takes and gives. */
export function agent(name: string, inputSchema?: JsonObject, outputSchema?: JsonObject): AgentSchemas {
  return { name, aliases: [name], inputSchema: inputSchema ?? null, outputSchema: outputSchema ?? null };
}

/** A step that an agent does. */
export function ask(name: string, who: string, more: JsonObject = {}): JsonObject {
  return { name, type: "agent", agent: who, ...more };
}

/** What the flow check says of a workflow: `error /states/1/agent: message (hint)`. */
export function flowOf(
  workflow: JsonObject,
  agents: readonly AgentSchemas[],
  described: (text: string) => Described = () => ({ names: [] }),
): readonly string[] {
  const { definition, diagnostics } = checkDefinition({ id: "w", ...workflow }, nowhere);
  if (!definition) throw new Error(JSON.stringify(diagnostics));
  const said = expressionsOf(definition).map((expression) => ({
    expression,
    described: described(expression.program.text),
  }));
  return checkFlow(definition, agents, said, nowhere).map(
    ({ severity, path, message, hint }) =>
      `${severity} ${path}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );
}
