import { join } from "node:path";
import { type AgentDefinition, aliasClashes } from "../../core/definition/agent.ts";
import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import { beside, type EnvironmentFile, isEnvironmentName, readEnvironment } from "./environments.ts";
import { folderVersion } from "./folder-version.ts";
import { readPrompt } from "./prompt.ts";

export type LoadedAgents = {
  readonly agents: readonly AgentDefinition[];
  /** What is wrong with files that are no usable agent, and with agents that claim one spelling. */
  readonly problems: readonly (Diagnostic & { readonly file: string })[];
};

/**
 * Reads the agents of one environment, of its folder and of the files that were `installed` beside it; a broken file is
 * a problem and never hides the others.
 */
export async function loadAgents(
  root: string,
  environment: string,
  installed: readonly EnvironmentFile[] = [],
): Promise<LoadedAgents> {
  if (!isEnvironmentName(environment)) return { agents: [], problems: [] };
  const own = await readEnvironment(join(root, environment), ["agent"]);
  const files = beside(
    own,
    installed.filter(({ kind }) => kind === "agent"),
  );
  const read = files.map((file) => {
    if ("problem" in file) return { agent: null, problems: [{ ...file.problem, file: file.path }] };
    const { agent, diagnostics } = readPrompt({ text: file.text, file: file.path, environment });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    return { agent, problems: errors.map((problem) => ({ ...problem, file: file.path })) };
  });
  const agents = read.flatMap(({ agent }) => agent ?? []);
  return { agents, problems: [...read.flatMap(({ problems }) => problems), ...clashProblems(agents)] };
}

/** Changes whenever a file of the environment's agents does; much cheaper than reading them. */
export async function agentFilesVersion(root: string, environment: string): Promise<string> {
  if (!isEnvironmentName(environment)) return "";
  return folderVersion(join(root, environment, "agents"));
}

function clashProblems(agents: readonly AgentDefinition[]): LoadedAgents["problems"] {
  return aliasClashes(agents).flatMap(({ alias, agents: [first, second] }) =>
    (
      [
        [first, second],
        [second, first],
      ] as const
    ).map(([agent, other]) => ({
      code: "DUPLICATE_NAME" as const,
      severity: "error" as const,
      path: "",
      line: 1,
      column: 1,
      message: `the agent answers to "${alias}", and so does ${other.file}`,
      hint: "rename one of them",
      file: agent.file,
    })),
  );
}
