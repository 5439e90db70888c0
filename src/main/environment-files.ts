import { join } from "node:path";
import { takenPathsIn } from "../adapters/bundles/environment-folder.ts";
import { agentFilesVersion, loadAgents } from "../adapters/files/agents.ts";
import {
  beside,
  isEnvironmentName,
  listEnvironments,
  readEnvironment,
} from "../adapters/files/environments.ts";
import { loadMcpServers, mcpFilesVersion } from "../adapters/files/mcp-servers.ts";
import { kindOfPath } from "../core/bundle/paths.ts";
import type { EnvironmentFile, EnvironmentFiles } from "../engine/ports/definitions.ts";
import type { InstalledBundles } from "../engine/ports/installed.ts";

/** Where an environment's files are read: the deployment's own, and beside them those of installed bundles. */
export type EnvironmentSources = ReturnType<typeof environmentSources>;

/** `bundles` are asked at every look, so that all processes have the same of them; `null`: there are none. */
export function environmentSources(root: string, bundles: () => InstalledBundles | null) {
  const installed = async (environment: string): Promise<readonly EnvironmentFile[]> => {
    const files = (await bundles()?.files(environment)) ?? [];
    return files.flatMap(({ path, text }) => {
      const kind = kindOfPath(path);
      return kind === null ? [] : [{ kind, path, text }];
    });
  };
  const revision = async (environment: string) => (await bundles()?.revision(environment)) ?? 0;
  const files: EnvironmentFiles = {
    list: () => listEnvironments(root),
    read: async (environment) =>
      isEnvironmentName(environment)
        ? beside(await readEnvironment(join(root, environment)), await installed(environment))
        : [],
    own: async (environment) => (isEnvironmentName(environment) ? takenPathsIn(join(root, environment)) : []),
  };
  return {
    files,
    agents: {
      load: async (environment: string) => loadAgents(root, environment, await installed(environment)),
      version: async (environment: string) =>
        `${await agentFilesVersion(root, environment)}\n${await revision(environment)}`,
    },
    servers: {
      load: async (environment: string) => loadMcpServers(root, environment, await installed(environment)),
      version: async (environment: string) =>
        `${await mcpFilesVersion(root, environment)}\n${await revision(environment)}`,
    },
  };
}
