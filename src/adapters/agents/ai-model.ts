import type { ModelMessage } from "ai";
import type { Reply, Usage } from "../../core/agent/agent-run.ts";
import { agentError } from "../../core/agent/errors.ts";
import type { ChatMessage } from "../../core/agent/messages.ts";
import { isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { type ChatModel, ModelFailure, type TurnRequest } from "../../engine/ports/agents.ts";
import type { Clock } from "../../engine/ports.ts";
import { failureOf } from "./ai-errors.ts";
import { type AiConfig, costOf, type ModelTarget } from "./model-name.ts";
import { openProvider } from "./provider.ts";

/** Of the agent's `config`, what the SDK takes. */
const SETTINGS = [
  "temperature",
  "topP",
  "topK",
  "maxOutputTokens",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
] as const;

/** A real model, one turn at a time; the SDK is loaded with the first one. */
export function aiModel(
  target: ModelTarget,
  settings: JsonObject,
  { config, clock }: { readonly config: AiConfig; readonly clock: Clock },
): ChatModel {
  return {
    id: target.id,
    isReal: true,
    isWorthKeeping: true,
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

async function ask(
  target: ModelTarget,
  settings: JsonObject,
  { messages, tools, outputSchema, signal, onText }: TurnRequest,
  config: AiConfig,
): Promise<Reply> {
  const [{ generateText, jsonSchema, tool }, provider] = await Promise.all([
    import("ai"),
    openProvider(target),
  ]);
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  const bound = tools.map(({ name, description, inputSchema }) => [
    name,
    tool({ description, inputSchema: jsonSchema(inputSchema) }),
  ]);
  const schema = outputSchema && takesSchema(target, tools.length) ? outputSchema : null;
  const result = await generateText({
    model: provider.model,
    messages: messages.map((message) => toSdk(message, target)),
    allowSystemInMessages: true,
    ...(tools.length > 0 ? { tools: Object.fromEntries(bound) } : {}),
    ...(schema ? { output: asText(schema) } : {}),
    ...settingsOf(settings),
    maxRetries: 0,
    abortSignal: signal,
    providerOptions: provider.options,
    telemetry: { isEnabled: false },
  });
  if (result.text !== "") onText?.(result.text);
  const assistant = result.response.messages.filter(({ role }) => role === "assistant");
  const used = result.usage;
  const tokens = {
    inputTokens: used.inputTokens ?? 0,
    outputTokens: used.outputTokens ?? 0,
    cachedTokens: used.inputTokenDetails.cacheReadTokens ?? 0,
  };
  const usage: Usage = { ...tokens, costUsd: costOf(config, target, tokens) };
  return {
    text: result.text,
    calls: result.toolCalls.map(({ toolCallId, toolName, input }) => ({
      id: toolCallId,
      tool: toolName,
      args: argsOf(input),
    })),
    finish: result.finishReason,
    usage,
    raw: JSON.parse(JSON.stringify(assistant)) as JsonValue,
    modelId: target.id,
  };
}

/** Older Gemini models refuse tools and a schema together; Anthropic makes a tool of the schema. */
function takesSchema({ provider }: ModelTarget, tools: number): boolean {
  return provider === "openai" || tools === 0;
}

/** Tells the provider the schema and leaves reading the answer to us: the SDK throws an answer away that is fenced. */
function asText(schema: JsonObject) {
  return {
    name: "text",
    responseFormat: Promise.resolve({ type: "json" as const, schema: schema as never }),
    parseCompleteOutput: async ({ text }: { text: string }) => text,
    parsePartialOutput: async () => undefined,
    createElementStreamTransform: () => undefined,
  };
}

function settingsOf(config: JsonObject): Partial<Record<(typeof SETTINGS)[number], number>> {
  return Object.fromEntries(
    SETTINGS.flatMap((key) => (typeof config[key] === "number" ? [[key, config[key]]] : [])),
  );
}

function argsOf(input: unknown): JsonObject {
  return isObject(input) ? input : { value: typeof input === "string" ? input : JSON.stringify(input) };
}

function toSdk(message: ChatMessage, target: ModelTarget): ModelMessage {
  switch (message.role) {
    case "system":
    case "user":
    case "assistant":
      return { role: message.role, content: message.text };
    case "model":
      return modelMessage(message, target);
    case "tools":
      return {
        role: "tool",
        content: message.results.map(({ callId, tool, text, isError }) => ({
          type: "tool-result",
          toolCallId: callId,
          toolName: tool,
          output: { type: isError ? "error-text" : "text", value: text },
        })),
      };
  }
}

/** Word for word for the provider that said it (reasoning and signatures with it); for another, what was said. */
function modelMessage(
  { raw, text, calls, modelId }: Extract<ChatMessage, { role: "model" }>,
  target: ModelTarget,
): ModelMessage {
  const [own] = Array.isArray(raw) ? raw : [];
  if (modelId === target.id && isObject(own)) return own as unknown as ModelMessage;
  return {
    role: "assistant",
    content: [
      ...(text === "" ? [] : [{ type: "text" as const, text }]),
      ...calls.map(({ id, tool, args }) => ({
        type: "tool-call" as const,
        toolCallId: id,
        toolName: tool,
        input: args,
      })),
    ],
  };
}
