import { foreignReference } from "../../core/definition/agent-reference.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import { finalError } from "../../core/run/errors.ts";
import type { StepError } from "../../core/run/run.ts";
import type { AgentProblem } from "./directory.ts";

/** The only model of this version: deterministic, offline, always labelled simulated. */
export const SCRIPT_MODEL = "station/script";

/** The step names no agent at all. */
export function nameRequired(): StepError {
  return finalError("validation", "agent_not_found", "agent name is required");
}

/** No agent of the environment goes by that name; `names` are those that exist, `open` the environments it may call. */
export function notFound(
  wanted: string,
  environment: string,
  names: readonly string[],
  open: readonly string[] = [],
): StepError {
  const foreign = foreignReference(wanted, environment, open);
  if (foreign) {
    const details = { agent: wanted, environment };
    return finalError("validation", "agent_not_found", `${foreign.message}; ${foreign.hint}`, details);
  }
  const hint = didYouMean(wanted, names);
  const message = `agent "${wanted}" not found in environment "${environment}"${hint ? `; ${hint}` : ""}`;
  return finalError("validation", "agent_not_found", message, { agent: wanted, environment, names });
}

/** The agent's file exists and cannot be used. A disk that cannot be read may be mended by a later attempt. */
export function unusable(wanted: string, problem: AgentProblem): StepError {
  const { file, line, message: reason, code } = problem;
  const message = `agent "${wanted}" cannot be used: ${file}:${line}: ${reason}`;
  const error = finalError("validation", "agent_invalid", message, { agent: wanted, file });
  return { ...error, retryable: code === "UNREADABLE" };
}

/** Several agents claim one spelling; choosing one of them would be a guess. */
export function ambiguous(wanted: string, environment: string, files: readonly string[]): StepError {
  const message =
    `agent "${wanted}" is ambiguous in environment "${environment}": ` +
    `${files.join(" and ")} both answer to it; rename one, or use a name that only one of them has`;
  return finalError("validation", "agent_ambiguous", message, { agent: wanted, environment, files });
}

/** A script calls what its agent was not given. */
export function toolNotFound(
  agent: string,
  where: string,
  tool: string,
  names: readonly string[],
): StepError {
  const hint =
    didYouMean(tool, names) ??
    (names.length === 0 ? "the agent's file names no tools" : `there are: ${names.join(", ")}`);
  const message = `${where}: tool "${tool}" not found; ${hint}`;
  return finalError("agent_error", "tool_not_found", message, { agent, tool, names });
}
