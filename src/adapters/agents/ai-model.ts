import type { JSONSchema7 } from "@ai-sdk/provider";
import type { Reply, Usage } from "../../core/agent/agent-run.ts";
import { agentError } from "../../core/agent/errors.ts";
import { MODEL_SETTINGS } from "../../core/definition/agent.ts";
import type { JsonObject } from "../../core/json.ts";
import type { StepError } from "../../core/run/run.ts";
import { type ChatModel, ModelFailure, type TurnRequest } from "../../engine/ports/agents.ts";
import type { Clock } from "../../engine/ports.ts";
import { failureOf, refusesFormat } from "./ai-errors.ts";
import { promptOf, toolsOf } from "./ai-prompt.ts";
import { type Answered, readAnswer, wholeAnswer } from "./ai-reply.ts";
import { type AiConfig, costOf, type ModelTarget, priceOf } from "./model-name.ts";
import { openProvider } from "./provider.ts";
import { withoutThoughts } from "./thoughts.ts";

/** A real model, one turn at a time; its provider's client is loaded with the first one. */
export function aiModel(
  target: ModelTarget,
  settings: JsonObject,
  { config, clock }: { readonly config: AiConfig; readonly clock: Clock },
): ChatModel {
  return {
    id: target.id,
    isReal: true,
    isWorthKeeping: true,
    isPriced: priceOf(config, target) !== undefined,
    async turn(request) {
      try {
        const reply = await ask(target, settings, request, config);
        if (reply.finish === "content-filter")
          throw new ModelFailure(agentError("llm_content_filter", `model "${target.id}" refused to answer`));
        return reply;
      } catch (error) {
        if (request.signal.aborted) throw error;
        throw failureOf(error, target.id, clock.now());
      }
    },
  };
}

/** Whoever takes no form of answers, or not this one, has been told the schema in words. */
async function ask(
  target: ModelTarget,
  settings: JsonObject,
  request: TurnRequest,
  config: AiConfig,
): Promise<Reply> {
  const { outputSchema, tools } = request;
  const schema = outputSchema && takesSchema(target, tools.length) ? outputSchema : null;
  try {
    return await askFor(schema, target, settings, request, config);
  } catch (error) {
    if (schema === null || !refusesFormat(error)) throw error;
    return askFor(null, target, settings, request, config);
  }
}

async function askFor(
  schema: JsonObject | null,
  target: ModelTarget,
  settings: JsonObject,
  { messages, tools, signal, onText }: TurnRequest,
  config: AiConfig,
): Promise<Reply> {
  const { model, options } = await openProvider(target);
  const call = {
    prompt: promptOf(messages, target),
    ...(tools.length > 0 ? { tools: toolsOf(tools), toolChoice: { type: "auto" as const } } : {}),
    ...(schema ? { responseFormat: { type: "json" as const, schema: schema as JSONSchema7 } } : {}),
    ...settingsOf(settings),
    abortSignal: signal,
    providerOptions: options,
  };
  const answer = config.streams
    ? await readAnswer((await model.doStream(call)).stream, (delta) => onText?.(delta))
    : wholeAnswer(await model.doGenerate(call));
  if (answer === null) throw new ModelFailure(brokenOff(target));
  if (cameToNothing(answer)) throw new ModelFailure(nothing(target, answer.finish));
  const { inputTokens, outputTokens } = answer.usage;
  const tokens = {
    inputTokens: inputTokens.total ?? 0,
    outputTokens: outputTokens.total ?? 0,
    cachedTokens: inputTokens.cacheRead ?? 0,
  };
  const usage: Usage = { ...tokens, costUsd: costOf(config, target, tokens) };
  const { calls, raw, finish } = answer;
  const text = target.provider === "compatible" ? withoutThoughts(answer.text) : answer.text;
  return { text, calls, finish: finish.unified, usage, raw, modelId: target.id };
}

function brokenOff({ id }: ModelTarget): StepError {
  const message = `model "${id}" broke off its answer, or cannot answer piece by piece (then set STATION_AI_STREAMING=off)`;
  return { ...agentError("llm_bad_response", message), retryable: true };
}

/** Neither complete nor cut off: Gemini ends so when it cannot read its own call, and others when they stop a model. */
function cameToNothing({ finish, text, calls }: Answered): boolean {
  return finish.unified === "error" || (finish.unified === "other" && text === "" && calls.length === 0);
}

function nothing({ id }: ModelTarget, { raw }: Answered["finish"]): StepError {
  const message = `model "${id}" ended without an answer${raw === undefined ? "" : ` (${raw})`}`;
  return { ...agentError("llm_bad_response", message), retryable: true };
}

/** Older Gemini models refuse tools and a schema together; Anthropic makes a tool of the schema. */
function takesSchema({ provider }: ModelTarget, tools: number): boolean {
  return provider === "openai" || tools === 0;
}

function settingsOf(config: JsonObject): Partial<Record<(typeof MODEL_SETTINGS)[number], number>> {
  return Object.fromEntries(
    MODEL_SETTINGS.flatMap((key) => (typeof config[key] === "number" ? [[key, config[key]]] : [])),
  );
}
