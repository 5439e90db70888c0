import { type AgentDefinition, aliasesOf } from "../../core/definition/agent.ts";
import type { StepError } from "../../core/run/run.ts";
import type { Agent, Directory } from "./directory.ts";
import { ambiguous, nameRequired, notFound, unusable } from "./errors.ts";

export type Resolved =
  | { readonly ok: true; readonly agent: AgentDefinition }
  | { readonly ok: false; readonly error: StepError };

/**
 * The one agent of the environment that goes by the name a step gives (PRD §3.4): its own name, its file's name,
 * or either as a slug. A spelling two agents claim belongs to none of them. `open`: other environments that it may call.
 */
export function resolve(
  directory: Directory,
  environment: string,
  name: string,
  open: readonly string[],
): Resolved {
  const wanted = name.trim();
  if (wanted === "") return { ok: false, error: nameRequired() };
  const claimed = directory.byAlias.get(wanted) ?? [];
  const [only] = claimed;
  if (only && claimed.length === 1) return { ok: true, agent: only.definition };
  return {
    ok: false,
    error: only ? twice(wanted, environment, claimed) : none(directory, wanted, environment, open),
  };
}

function twice(wanted: string, environment: string, claimed: readonly Agent[]): StepError {
  return ambiguous(
    wanted,
    environment,
    claimed.map(({ definition }) => definition.file),
  );
}

function none(directory: Directory, wanted: string, environment: string, open: readonly string[]): StepError {
  const broken = directory.problems.find(
    ({ file, severity }) => severity === "error" && (isFolder(file) || fileAliases(file).includes(wanted)),
  );
  if (broken) return unusable(wanted, broken);
  const names = directory.agents.map(({ definition }) => definition.name);
  return notFound(wanted, environment, names, open);
}

/** How a workflow may name an agent by its file alone. */
export function fileAliases(file: string): readonly string[] {
  const fileName = file.slice(file.lastIndexOf("/") + 1).replace(/\.prompt$/, "");
  return aliasesOf(fileName, fileName);
}

/** A problem of the whole folder: any agent may be in it. */
function isFolder(file: string): boolean {
  return !file.endsWith(".prompt");
}
