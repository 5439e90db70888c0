import { didYouMean } from "../../core/definition/suggest.ts";
import type { JsonValue } from "../../core/json.ts";
import { finalError } from "../../core/run/errors.ts";
import type { StepError } from "../../core/run/run.ts";
import type { SchemaError } from "../../engine/ports.ts";
import type { AgentProblem } from "./directory.ts";

/** The only model of this version: deterministic, offline, always labelled simulated. */
export const SCRIPT_MODEL = "station/script";

/** The step names no agent at all. */
export function nameRequired(): StepError {
  return finalError("validation", "agent_not_found", "agent name is required");
}

/** No agent of the environment goes by that name; `names` are those that exist. */
export function notFound(wanted: string, environment: string, names: readonly string[]): StepError {
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

/** Real models are no part of this version, and nothing else steps in for them. */
export function noModel(agent: string, model: string): StepError {
  const wants = model === "" ? "names no model" : `wants the model "${model}"`;
  const message =
    `agent "${agent}" ${wants}; this version calls no models, they come with a later one. ` +
    `Until then only "${SCRIPT_MODEL}" (offline, simulated) runs, and only where the agent's file says so`;
  return finalError("agent_error", "no_model", message, { agent, model });
}

/** Scripts cannot call anything yet. */
export function toolNotFound(agent: string, where: string, tool: string): StepError {
  const message = `${where}: tool "${tool}" not found: this version binds no tools to agents, they come with a later one`;
  return finalError("agent_error", "tool_not_found", message, { agent, tool });
}

/** The input breaks the agent's schema; the agent was not called. */
export function inputMismatch(agent: string, errors: readonly SchemaError[]): StepError {
  const message = `input of agent "${agent}" does not match its schema: ${summary(errors)}; the agent was not called`;
  return finalError("validation", "SCHEMA_VALIDATION_INPUT", message, { agent, errors: listed(errors) });
}

/** What is kept beside an output that breaks the agent's schema: a warning, the step goes on. */
export function outputMismatch(errors: readonly SchemaError[]): JsonValue {
  return { code: "SCHEMA_VALIDATION_OUTPUT", errors: listed(errors) };
}

/** What an aborted signal makes of the agent: a timeout where the signal says so, else a cancellation. */
export function stopped(agent: string, signal: AbortSignal): StepError {
  const reason = signal.reason as { readonly name?: unknown } | null | undefined;
  const isTimeout = reason?.name === "TimeoutError";
  return isTimeout
    ? {
        type: "timeout",
        code: "TIMEOUT",
        message: `agent "${agent}" was stopped: out of time`,
        retryable: true,
      }
    : finalError("cancelled", "cancelled", `agent "${agent}" was cancelled`);
}

function summary(errors: readonly SchemaError[]): string {
  const shown = errors
    .slice(0, 3)
    .map(({ pointer, message }) => `${pointer === "" ? "it" : pointer} ${message}`);
  const more = errors.length - shown.length;
  return `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

function listed(errors: readonly SchemaError[]): JsonValue {
  return errors.map(({ pointer, message, keyword, hint }) => ({
    pointer,
    message,
    keyword,
    ...(hint === undefined ? {} : { hint }),
  }));
}
