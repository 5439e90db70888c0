import { type AgentsInReach, foreignReference, readForeign, spelled } from "./agent-reference.ts";
import { type Diagnostic, hasErrors, type Issue, type Locate, placed, type Severity } from "./diagnostic.ts";
import { allStates } from "./graph.ts";
import { originOf } from "./origins.ts";
import { didYouMean } from "./suggest.ts";
import { templatesIn } from "./template.ts";
import type { AgentState, Definition } from "./types.ts";

/** What must be known of an agent to check a reference to it. */
export type KnownAgent = {
  readonly name: string;
  /** Every spelling a workflow may use. */
  readonly aliases: readonly string[];
  readonly file: string;
  readonly problems: readonly {
    readonly severity: Severity;
    readonly message: string;
    readonly line: number;
  }[];
};

/** Checks that every agent a definition names is in reach of the environment and can be used. */
export function checkAgents(
  definition: Definition,
  environment: string,
  agents: AgentsInReach<KnownAgent>,
  locate: Locate,
): readonly Diagnostic[] {
  const byAlias = new Map(
    spelled(agents).flatMap((agent) =>
      [...agent.aliases, agent.name].map((alias) => [alias, agent] as const),
    ),
  );
  const issues = agentStates(definition).flatMap(({ state, pointer }): readonly Issue[] => {
    // Which agent it is, only the run will tell.
    if (templatesIn(state.agent).length > 0) return [];
    const path = originOf(state, "agent", pointer);
    const agent = byAlias.get(state.agent);
    if (!agent) return [notFound(state, path, environment, agents)];
    return hasErrors(agent.problems) ? [unusable(state, path, agent)] : [];
  });
  return placed(issues, locate);
}

/** The agents that a definition names, as it names them, with the states that do; not those only a run can tell. */
export function agentsNamedIn(definition: Definition): ReadonlyMap<string, readonly string[]> {
  const named = agentStates(definition).filter(({ state }) => templatesIn(state.agent).length === 0);
  const byAgent = Map.groupBy(named, ({ state }) => state.agent);
  return new Map([...byAgent].map(([agent, states]) => [agent, states.map(({ state }) => state.name)]));
}

/** The steps of a definition that agents do, at every depth, with their canonical pointers. */
function agentStates(
  definition: Definition,
): readonly { readonly state: AgentState; readonly pointer: string }[] {
  return allStates(definition).flatMap(({ state, pointer }) =>
    state.type === "operation" && state.action === "agent.run" ? [{ state, pointer }] : [],
  );
}

function notFound(
  state: AgentState,
  path: string,
  environment: string,
  { own, others }: AgentsInReach<KnownAgent>,
): Issue {
  const refused = foreignReference(state.agent, environment, Object.keys(others));
  if (refused) {
    const message = `${refused.message} (state "${state.name}")`;
    return { code: "UNSUPPORTED", severity: "error", path, message, hint: refused.hint, actual: state.agent };
  }
  const foreign = readForeign(state.agent);
  const wanted = foreign ?? { name: state.agent, environment };
  const names = (foreign ? (others[foreign.environment] ?? []) : own).map(({ name }) => name);
  const hint =
    didYouMean(wanted.name, names) ?? (names.length === 0 ? "the environment has no agents" : undefined);
  return {
    code: "AGENT_NOT_FOUND",
    severity: "error",
    path,
    message: `agent not found: "${wanted.name}" in environment "${wanted.environment}" (state "${state.name}")`,
    actual: state.agent,
    ...(hint !== undefined && { hint }),
  };
}

function unusable(state: AgentState, path: string, { file, problems }: KnownAgent): Issue {
  const [first] = problems.filter(({ severity }) => severity === "error");
  return {
    code: "AGENT_UNUSABLE",
    severity: "error",
    path,
    message: `agent "${state.agent}" cannot be used (state "${state.name}"): ${file}:${first?.line ?? 1} ${first?.message ?? ""}`,
    actual: state.agent,
  };
}
