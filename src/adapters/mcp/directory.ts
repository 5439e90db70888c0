import type { McpProblem, McpServer, McpServers } from "../../core/definition/mcp/server.ts";
import type { Clock } from "../../engine/ports.ts";
import { type Resolution, resolveServer } from "./resolve-server.ts";

/** What an environment's files say, and the folder they lie in. */
export type McpFiles = {
  readonly load: (environment: string) => Promise<McpServers>;
  /** Changes whenever `load` would answer otherwise, and costs little. */
  readonly version: (environment: string) => Promise<string>;
  /** The environment's folder, absolute. */
  readonly folder: (environment: string) => string;
};

export type KnownServer = { readonly definition: McpServer; readonly resolution: Resolution };

/** The MCP servers of one environment as its files have them. */
export type Directory = {
  readonly servers: readonly KnownServer[];
  readonly problems: readonly McpProblem[];
};

/** A changed file is seen within this time. */
const LOOK_AGAIN_MS = 1000;

type Kept = { readonly directory: Directory; readonly version: string; readonly lookedAt: number };

/** Keeps what the files of every environment say, with the variables in place; looks again when that is a second old. */
export function createDirectory(
  files: McpFiles,
  { clock, env }: { readonly clock: Clock; readonly env: Readonly<Record<string, string | undefined>> },
): (environment: string) => Promise<Directory> {
  const kept = new Map<string, Kept>();
  const looking = new Map<string, Promise<Directory>>();

  const look = async (environment: string): Promise<Directory> => {
    const lookedAt = clock.now();
    // asked first: a change in between is then seen by the next look
    const version = await files.version(environment);
    const last = kept.get(environment);
    const isSame = last?.version === version && !last.directory.problems.some(mayBeMended);
    const directory = last && isSame ? last.directory : await read(environment);
    // names nobody has files for must not pile up
    if (directory.servers.length + directory.problems.length === 0) kept.delete(environment);
    else kept.set(environment, { directory, version, lookedAt });
    return directory;
  };

  const read = async (environment: string): Promise<Directory> => {
    const { servers, variables, problems } = await files.load(environment);
    const surroundings = { environment, folder: files.folder(environment), variables, env };
    return {
      servers: servers.map((definition) => ({
        definition,
        resolution: resolveServer(definition, surroundings),
      })),
      problems,
    };
  };

  return async (environment) => {
    const last = kept.get(environment);
    const age = last ? clock.now() - last.lookedAt : -1;
    if (last && age >= 0 && age < LOOK_AGAIN_MS) return last.directory;
    const running = looking.get(environment);
    if (running !== undefined) return running;
    const started = look(environment).finally(() => looking.delete(environment));
    looking.set(environment, started);
    return started;
  };
}

/** A file that could not be read may be readable now, without having changed. */
function mayBeMended({ code }: McpProblem): boolean {
  return code === "UNREADABLE";
}
