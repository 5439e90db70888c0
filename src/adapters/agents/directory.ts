import type { AgentDefinition } from "../../core/definition/agent.ts";
import type { Diagnostic } from "../../core/definition/diagnostic.ts";
import type { Clock } from "../../engine/ports.ts";
import { type Script, scriptOf } from "./script.ts";

/** Reads the prompt files of an environment; one that cannot be read as an agent is among the problems. */
export type LoadAgents = (environment: string) => Promise<LoadedAgents>;

export type LoadedAgents = {
  readonly agents: readonly AgentDefinition[];
  readonly problems: readonly AgentProblem[];
};

export type AgentProblem = Diagnostic & { readonly file: string };

export type Agent = { readonly definition: AgentDefinition; readonly script: Script };

/** The agents of one environment as they were at `readAt`. */
export type Directory = {
  readonly readAt: number;
  readonly version: string | undefined;
  readonly agents: readonly Agent[];
  readonly byAlias: ReadonlyMap<string, readonly Agent[]>;
  readonly problems: readonly AgentProblem[];
};

/**
 * Answers at once while what was read is young enough; otherwise reads again, once for all who ask meanwhile. With an age
 * of 0 it begins to read after it was asked.
 */
export type Directories = (environment: string, maxAgeMs: number) => Directory | Promise<Directory>;

type Source = {
  readonly load: LoadAgents;
  readonly version?: (environment: string) => Promise<string>;
  readonly clock: Clock;
};

/** Keeps the agents of every environment. An agent whose file did not change stays the same object. */
export function createDirectories({ load, version, clock }: Source): Directories {
  const known = new Map<string, Directory>();
  const reading = new Map<string, Promise<Directory>>();

  const read = async (environment: string): Promise<Directory> => {
    const readAt = clock.now();
    // asked first: a change in between is then seen by the next look
    const current = await version?.(environment);
    const last = known.get(environment);
    const directory =
      last && current !== undefined && current === last.version && isWhole(last)
        ? { ...last, readAt }
        : { ...directoryOf(await load(environment), last), readAt, version: current };
    // names nobody has files for must not pile up
    if (directory.agents.length + directory.problems.length === 0) known.delete(environment);
    else known.set(environment, directory);
    return directory;
  };

  const begin = (environment: string): Promise<Directory> => {
    const started = read(environment).finally(() => reading.delete(environment));
    reading.set(environment, started);
    return started;
  };

  return (environment, maxAgeMs) => {
    const last = known.get(environment);
    if (last) {
      const age = clock.now() - last.readAt;
      if (age >= 0 && age < maxAgeMs) return last;
    }
    const running = reading.get(environment);
    if (running === undefined) return begin(environment);
    if (maxAgeMs > 0) return running;
    // How that one ended is for those who wait for it.
    const ended = running.then(
      () => {},
      () => {},
    );
    return ended.then(() => reading.get(environment) ?? begin(environment));
  };
}

type Contents = Omit<Directory, "readAt" | "version">;

function directoryOf(loaded: LoadedAgents, before: Directory | undefined): Contents {
  const unchanged = new Map(before?.agents.map((agent) => [identity(agent.definition), agent]));
  const agents = loaded.agents.map(
    (definition) => unchanged.get(identity(definition)) ?? { definition, script: scriptOf(definition) },
  );
  const byAlias = new Map<string, Agent[]>();
  for (const agent of agents)
    for (const alias of new Set([agent.definition.name, ...agent.definition.aliases])) {
      const claimed = byAlias.get(alias);
      if (claimed) claimed.push(agent);
      else byAlias.set(alias, [agent]);
    }
  return { agents, byAlias, problems: loaded.problems };
}

/** A file that could not be read may be readable now, without having changed. */
function isWhole({ problems }: Contents): boolean {
  return problems.every(({ code }) => code !== "UNREADABLE");
}

function identity({ file, checksum }: AgentDefinition): string {
  return `${file}\n${checksum}`;
}
