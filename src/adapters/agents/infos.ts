import { pointerTo } from "../../core/definition/pointer.ts";
import type { AgentInfo } from "../../engine/ports/agent-runner.ts";
import type { Agent, AgentProblem, Directory } from "./directory.ts";
import { SCRIPT_MODEL } from "./errors.ts";
import { fileAliases } from "./resolve.ts";

/** The agents of an environment by name; a file that cannot be read stands among them under its own name. */
export function infosOf({ agents, problems }: Directory): readonly AgentInfo[] {
  const known = new Set(agents.map(({ definition }) => definition.file));
  const broken = Map.groupBy(problems, ({ file }) => file);
  const infos = [
    ...agents.map((agent) => infoOf(agent, broken.get(agent.definition.file) ?? [])),
    ...[...broken].filter(([file]) => !known.has(file)).map(([file, found]) => brokenInfo(file, found)),
  ];
  return infos.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function infoOf({ definition, script }: Agent, problems: readonly AgentProblem[]): AgentInfo {
  const { name, aliases, file, description, model, inputSchema, outputSchema, warnings } = definition;
  const { tools, agents, body } = definition;
  const { maxCostUsd } = definition.rules.budget;
  return {
    name,
    aliases,
    file,
    description,
    model,
    simulated: model === SCRIPT_MODEL,
    inputSchema: inputSchema ?? null,
    outputSchema: outputSchema ?? null,
    tools,
    agents,
    ...(maxCostUsd === null ? {} : { maxCostUsd }),
    prompt: body,
    problems: [
      ...problems,
      ...warnings,
      ...(script.ok ? [] : [scriptProblem(script.pointer, script.message)]),
    ],
  };
}

function brokenInfo(file: string, problems: readonly AgentProblem[]): AgentInfo {
  const [name = file, ...others] = fileAliases(file);
  return {
    name,
    aliases: [name, ...others],
    file,
    description: null,
    model: "",
    simulated: false,
    inputSchema: null,
    outputSchema: null,
    tools: [],
    agents: [],
    prompt: null,
    problems,
  };
}

/** The line of an entry is not known here: the frontmatter as a whole is marked. */
function scriptProblem(pointer: string, message: string): AgentInfo["problems"][number] {
  const path = `${pointerTo("", "script")}${pointer}`;
  return { code: "INVALID_VALUE", severity: "error", path, line: 1, column: 1, message };
}
