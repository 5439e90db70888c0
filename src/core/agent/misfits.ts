import { DEEPEST, type JsonValue } from "../json.ts";
import { finalError } from "../run/errors.ts";
import type { StepError } from "../run/run.ts";

/** Where and how a value breaks a schema. */
export type Misfit = {
  readonly pointer: string;
  readonly message: string;
  readonly keyword: string;
  readonly hint?: string;
};

/** The input breaks the agent's schema; the agent was not called (PRD §3.5, level 2). */
export function inputMismatch(agent: string, misfits: readonly Misfit[]): StepError {
  const shown = misfits
    .slice(0, 3)
    .map(({ pointer, message }) => `${pointer === "" ? "it" : pointer} ${message}`);
  const more = misfits.length > 3 ? `; and ${misfits.length - 3} more` : "";
  const message = `input of agent "${agent}" does not match its schema: ${shown.join("; ")}${more}; the agent was not called`;
  return finalError("validation", "SCHEMA_VALIDATION_INPUT", message, { agent, errors: listed(misfits) });
}

/** The database cannot keep what the agent is to be told; the agent was not called. */
export function inputTooLarge(agent: string): StepError {
  const message = `what agent "${agent}" is to be told is larger than the database can keep; it was not called: give it less`;
  return finalError("validation", "AGENT_INPUT_TOO_LARGE", message, { agent });
}

/** The input has more levels than anybody follows; the agent was not called. */
export function inputTooDeep(agent: string): StepError {
  const message = `input of agent "${agent}" is nested more than ${DEEPEST} levels deep; the agent was not called`;
  return finalError("validation", "AGENT_INPUT_TOO_DEEP", message, { agent });
}

/** What is kept beside an output that breaks the agent's or the workflow's schema: a warning, it goes on (level 3). */
export function outputMismatch(misfits: readonly Misfit[]): JsonValue {
  return { code: "SCHEMA_VALIDATION_OUTPUT", errors: listed(misfits) };
}

/** What is kept beside an answer that its provider cut off: a warning, the step goes on. */
export function outputCutOff(): JsonValue {
  const message = "the answer was cut off: the model reached its limit of tokens";
  return { code: "OUTPUT_TRUNCATED", errors: listed([{ pointer: "", message, keyword: "truncated" }]) };
}

function listed(misfits: readonly Misfit[]): JsonValue {
  return misfits.map(({ pointer, message, keyword, hint }) => ({
    pointer,
    message,
    keyword,
    ...(hint === undefined ? {} : { hint }),
  }));
}
