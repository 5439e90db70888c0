import { agentToolName } from "../agent/tools.ts";
import type { AgentDefinition } from "./agent.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { didYouMean } from "./suggest.ts";

export type FamilyProblem = Diagnostic & { readonly file: string };

/** Agents that name others which do not exist, or that lead back to themselves: said before anything runs. */
export function checkFamilies(agents: readonly AgentDefinition[]): readonly FamilyProblem[] {
  const byName = new Map(
    agents.flatMap((agent) =>
      [agent.name, ...agent.aliases].map((alias) => [agentToolName(alias), agent] as const),
    ),
  );
  const childOf = (name: string) => byName.get(agentToolName(name));
  return agents.flatMap((agent) => [
    ...agent.agents.flatMap((name) => (childOf(name) ? [] : [unknown(agent, name, agents)])),
    ...circles(agent, childOf),
  ]);
}

function unknown(agent: AgentDefinition, name: string, agents: readonly AgentDefinition[]): FamilyProblem {
  const hint = didYouMean(
    name,
    agents.map((other) => other.name),
  );
  return {
    ...at(agent),
    code: "AGENT_NOT_FOUND",
    message: `it may call the agent "${name}", which does not exist in environment "${agent.environment}"`,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The shortest way from an agent back to itself, if there is one. */
function circles(
  start: AgentDefinition,
  childOf: (name: string) => AgentDefinition | undefined,
): readonly FamilyProblem[] {
  const seen = new Set<AgentDefinition>();
  let paths: readonly (readonly AgentDefinition[])[] = [[start]];
  while (paths.length > 0) {
    const next: (readonly AgentDefinition[])[] = [];
    for (const path of paths)
      for (const name of path.at(-1)?.agents ?? []) {
        const child = childOf(name);
        if (child === start) {
          const names = [...path, start].map((agent) => agent.name).join(" → ");
          return [
            {
              ...at(start),
              code: "AGENT_CYCLE",
              message: `it may come to call itself: ${names}; such a call is refused`,
            },
          ];
        }
        if (!child || seen.has(child)) continue;
        seen.add(child);
        next.push([...path, child]);
      }
    paths = next;
  }
  return [];
}

function at({ file }: AgentDefinition) {
  return { severity: "warning", path: "/agents", line: 1, column: 1, file } as const;
}
