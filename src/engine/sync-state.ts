import type { AgentsInReach } from "../core/definition/agent-reference.ts";
import { isSameDefinition } from "../core/definition/canonical.ts";
import type { CheckFile } from "./check-file.ts";
import type { AgentInfo } from "./ports/agent-runner.ts";
import type { EnvironmentFile, EnvironmentFiles } from "./ports/definitions.ts";
import type { StoredWorkflow } from "./ports/workflows.ts";
import type { Ports } from "./ports.ts";

/**
 * How a workflow stands to its file: the same, the file says something else (the next sync takes it), gone, or not
 * to be taken. `none` for one that was created over the API, and where this server has no files of the environment.
 */
export type SyncState = "in-sync" | "file-newer" | "file-missing" | "invalid" | "none";

export type SyncStatePorts = Pick<Ports, "agents" | "store"> & {
  readonly files: EnvironmentFiles;
  readonly checkFile: CheckFile;
};

type Known = Pick<StoredWorkflow, "id" | "origin">;

/** Compares workflows of one environment, as they are current, with their files; in the same order. */
export async function syncStates(
  ports: SyncStatePorts,
  environment: string,
  workflows: readonly Known[],
): Promise<readonly SyncState[]> {
  if (workflows.every(({ origin }) => origin === "api")) return workflows.map(() => "none");
  if (!(await ports.files.list()).includes(environment)) return workflows.map(() => "none");
  const files = await ports.files.read(environment);
  const agents = await ports.agents.inReach(environment);
  return Promise.all(
    workflows.map((workflow) =>
      workflow.origin === "api"
        ? "none"
        : stateOf(ports, environment, { agents, file: fileAt(files, workflow.origin) }, workflow),
    ),
  );
}

/** The file of a path, or its folder where that could not be read: nobody knows then whether the file is gone. */
export function fileAt(files: readonly EnvironmentFile[], path: string): EnvironmentFile | undefined {
  return files.find((file) => file.path === path) ?? files.find((file) => path.startsWith(`${file.path}/`));
}

async function stateOf(
  { store, checkFile }: SyncStatePorts,
  environment: string,
  { agents, file }: { readonly agents: AgentsInReach<AgentInfo>; readonly file: EnvironmentFile | undefined },
  { id }: Known,
): Promise<SyncState> {
  if (!file) return "file-missing";
  if ("problem" in file) return "invalid";
  const { definition, errors } = await checkFile(environment, agents, file, null);
  if (!definition || errors.length > 0) return "invalid";
  if (definition.id !== id) return "file-missing";
  const current = await store.workflows.startable(environment, id);
  return current && isSameDefinition(current.definition, definition) ? "in-sync" : "file-newer";
}
