import type { JsonValue } from "../../core/json.ts";
import { finalError } from "../../core/run/errors.ts";
import type { StepError } from "../../core/run/run.ts";
import type { ToolSource } from "../../engine/ports/tools.ts";
import type { AgentRequest, AgentResult, AgentRunner, Clock, Log, Schemas } from "../../engine/ports.ts";
import { type Agent, createDirectories, type LoadAgents } from "./directory.ts";
import { inputMismatch, noModel, outputMismatch, SCRIPT_MODEL, stopped } from "./errors.ts";
import { infosOf } from "./infos.ts";
import { inputOf } from "./input.ts";
import { play } from "./play.ts";
import { resolve } from "./resolve.ts";
import { sample } from "./sample.ts";

export type AgentRunnerOptions = {
  readonly load: LoadAgents;
  /** Changes whenever `load` would answer otherwise, and costs little; without it every look is a `load`. */
  readonly version?: (environment: string) => Promise<string>;
  readonly schemas: Schemas;
  readonly clock: Clock;
  readonly log: Log;
  /** What agents may call besides each other. */
  readonly tools?: ToolSource;
};

/** A changed prompt file is seen by runs within this time. */
const RUN_AGE_MS = 1000;
/** Lists, and names that were not found, are looked up again after this time. */
const LOOK_AGAIN_AGE_MS = 50;

/**
 * Runs the agents of prompt files. This version knows one model, `station/script`: offline, deterministic, without
 * effects, and always reported as simulated; every other model fails its step. So a repeated idempotency key is
 * simply run again and comes to the same answer. Rejects only when the prompt files cannot be read.
 */
export function createAgentRunner(options: AgentRunnerOptions): AgentRunner {
  const { schemas, log } = options;
  const directories = createDirectories(options);
  return {
    async run(request, signal) {
      const young = directories(request.environment, RUN_AGE_MS);
      // awaited only when it must be: a step should not wait for what is at hand
      let found = resolve(young instanceof Promise ? await young : young, request);
      if (!found.ok) found = resolve(await directories(request.environment, LOOK_AGAIN_AGE_MS), request);
      if (!found.ok) return failed(found.error);
      return perform(found.agent, request, { schemas, log, signal });
    },
    async list(environment) {
      return infosOf(await directories(environment, LOOK_AGAIN_AGE_MS));
    },
  };
}

type Means = { readonly schemas: Schemas; readonly log: Log; readonly signal: AbortSignal };

async function perform(
  { definition, script }: Agent,
  request: AgentRequest,
  means: Means,
): Promise<AgentResult> {
  const { name, model, inputSchema, outputSchema } = definition;
  if (model !== SCRIPT_MODEL) return failed(noModel(name, model));
  if (!script.ok)
    return failed(
      finalError("validation", "script_invalid", `agent "${name}": ${definition.file}: ${script.message}`),
    );
  const input = inputOf(inputSchema, request, means.schemas);
  if (!input.ok) return failed(inputMismatch(name, input.errors));
  if (means.signal.aborted) return failed(stopped(name, means.signal));
  const performance = { agent: name, entries: script.entries, attempt: request.attempt, input: input.value };
  const played = await play(performance, means.signal);
  if (!played.ok) return failed(played.error);
  const answer = played.answer === undefined ? simulated(definition, request.task) : played.answer;
  return outputSchema
    ? checked(answer, definition, request, means)
    : { status: "completed", output: answer, simulated: true };
}

/** What breaks the output schema is kept beside it and logged; it does not fail the step (PRD §3.5, level 3). */
function checked(
  output: JsonValue,
  { name, outputSchema = {} }: Agent["definition"],
  request: AgentRequest,
  { schemas, log }: Means,
): AgentResult {
  const check = schemas.validate(outputSchema, output);
  if (check.valid) return { status: "completed", output: check.value, simulated: true };
  const { runId, stepId, attempt } = request;
  const place = { run_id: runId, step_id: stepId, attempt, executor: "agent.run" };
  log.warn("agent output does not match its schema", { ...place, agent: name, errors: check.errors });
  return { status: "completed", output, simulated: true, validation: outputMismatch(check.errors) };
}

/** The answer of an agent whose script gives none. */
function simulated({ name, outputSchema }: Agent["definition"], task: string | null): JsonValue {
  if (outputSchema) return sample(outputSchema, "output");
  return task === null ? `[simulated] ${name}` : `[simulated] ${name}: ${task}`;
}

function failed(error: StepError): AgentResult {
  return { status: "failed", error };
}
