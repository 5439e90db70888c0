import { agentError } from "../../core/agent/errors.ts";
import { agentToolName, type BoundTool, effectOf, matches, modelNames } from "../../core/agent/tools.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import type { JsonObject } from "../../core/json.ts";
import { finalError } from "../../core/run/errors.ts";
import type { StepError } from "../../core/run/run.ts";
import type { AgentCatalogue } from "../ports/agents.ts";
import type { ToolProblem } from "../ports/tools.ts";
import type { Means } from "./means.ts";

export type Binding =
  | { readonly ok: true; readonly tools: ReadonlyMap<string, BoundTool> }
  | { readonly ok: false; readonly error: StepError };

type Unnamed = BoundTool extends infer Tool
  ? Tool extends BoundTool
    ? Omit<Tool, "modelName">
    : never
  : never;

/** Everything an agent may call: the tools of MCP servers it names, and other agents. One that is missing is an error. */
export async function bindTools(
  means: Pick<Means, "catalogue" | "tools">,
  agent: AgentDefinition,
  signal: AbortSignal,
): Promise<Binding> {
  const { environment, tools, agents } = agent;
  if (tools.length + agents.length === 0) return { ok: true, tools: new Map() };
  const bound: Unnamed[] = [];
  if (tools.length > 0) {
    const found = await means.tools.bind(environment, tools, signal);
    const [problem] = found.problems;
    if (problem) return { ok: false, error: problemOf(agent, problem) };
    for (const { server, name, alias, description, inputSchema, annotations } of found.tools) {
      const effect = effectOf(annotations);
      bound.push({ kind: "mcp", server, name, alias, description, inputSchema, effect });
    }
  }
  for (const name of agents) {
    const child = await bindAgent(means.catalogue, agent, name);
    if (!child.ok) return child;
    bound.push(child.tool);
  }
  const names = modelNames(bound.map(({ alias }) => alias));
  const named = bound.map((tool, index) =>
    declared({ ...tool, modelName: names[index] ?? tool.alias }, agent),
  );
  return { ok: true, tools: new Map(named.map((tool) => [tool.modelName, tool])) };
}

/** The author may know better than the server. */
function declared(tool: BoundTool, { rules }: AgentDefinition): BoundTool {
  const rule = rules.repeatable.find((candidate) => matches(candidate.tool, tool));
  return rule ? { ...tool, effect: { ...tool.effect, isRepeatable: rule.isRepeatable } } : tool;
}

async function bindAgent(
  catalogue: AgentCatalogue,
  agent: AgentDefinition,
  name: string,
): Promise<
  { readonly ok: true; readonly tool: Unnamed } | { readonly ok: false; readonly error: StepError }
> {
  const infos = await catalogue.list(agent.environment);
  const info = infos.find((candidate) => answersTo(candidate, name));
  if (!info) {
    const names = infos.map((candidate) => candidate.name);
    const hint = didYouMean(name, names);
    const message = `agent "${agent.name}" may call the agent "${name}", which does not exist in environment "${agent.environment}"${hint ? `; ${hint}` : ""}`;
    return { ok: false, error: finalError("validation", "agent_not_found", message, { agent: name, names }) };
  }
  const input: JsonObject = info.inputSchema ?? { type: "object" };
  return {
    ok: true,
    tool: {
      kind: "agent",
      agent: info.name,
      names: [info.name, ...info.aliases],
      alias: agentToolName(info.name),
      description: info.description ?? `The agent "${info.name}".`,
      inputSchema: {
        type: "object",
        properties: { task: { type: "string", description: "What the agent is to do." }, input },
        required: ["task"],
        additionalProperties: false,
      },
      // Its own calls are kept and its own tools are asked for: calling it again continues where it stood.
      effect: { isRepeatable: true, isDestructive: false },
    },
  };
}

function answersTo({ name, aliases }: { name: string; aliases: readonly string[] }, wanted: string): boolean {
  return [name, ...aliases].some(
    (alias) => alias === wanted || agentToolName(alias) === agentToolName(wanted),
  );
}

function problemOf(agent: AgentDefinition, { code, pattern, message, retryable }: ToolProblem): StepError {
  const type = code === "tool_ambiguous" ? "validation" : "agent_error";
  const said = `agent "${agent.name}": ${message}`;
  return { ...agentError(code, said, { agent: agent.name, tool: pattern }), type, retryable };
}
