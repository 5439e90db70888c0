import type { LanguageModelV4FunctionTool, LanguageModelV4Message } from "@ai-sdk/provider";
import type { ChatMessage } from "../../core/agent/messages.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { TurnRequest } from "../../engine/ports/agents.ts";
import type { ModelTarget } from "./model-name.ts";

/**
 * A conversation as the SDK's providers take it. What some providers refuse is not in it: system messages anywhere but
 * at the beginning, a conversation that nobody begins, messages that say nothing.
 */
export function promptOf(messages: readonly ChatMessage[], target: ModelTarget): LanguageModelV4Message[] {
  const told = messages.flatMap((message) => toSdk(message, target));
  const system = told.filter(({ role }) => role === "system");
  const others = told.filter(({ role }) => role !== "system");
  return others.length > 0 ? [...system, ...others] : [...system, said("Begin.")];
}

/** The tools as the SDK's providers take them. */
export function toolsOf(tools: TurnRequest["tools"]): LanguageModelV4FunctionTool[] {
  return tools.map(({ name, description, inputSchema }) => ({
    type: "function",
    name,
    description,
    inputSchema: plainObject(inputSchema) as LanguageModelV4FunctionTool["inputSchema"],
  }));
}

const CHOICES = ["anyOf", "oneOf", "allOf"];

/**
 * A tool's schema as every provider takes it: an object whose fields are named, even if there are none, no choice at its
 * top, and lists of something, even if that may be anything. The whole of it is checked before the tool is called.
 */
function plainObject(schema: JsonObject): JsonObject {
  const choices = CHOICES.flatMap((word) => schema[word] ?? []);
  const named = [...choices, schema].map((one) => (isObject(one) ? one["properties"] : undefined));
  const kept = Object.entries(schema).filter(([word]) => ![...CHOICES, "enum", "not"].includes(word));
  return withItems({
    ...Object.fromEntries(kept),
    type: "object",
    properties: Object.assign({}, ...named.filter((one) => isObject(one))),
  });
}

const VALUES = ["default", "const", "enum", "examples"];

function withItems(schema: JsonObject): JsonObject {
  const inner = Object.entries(schema).map(([word, said]) => [
    word,
    VALUES.includes(word) ? said : below(said),
  ]);
  const isBare = [schema["type"]].flat().includes("array") && schema["items"] === undefined;
  return { ...Object.fromEntries(inner), ...(isBare ? { items: {} } : {}) };
}

function below(said: JsonValue): JsonValue {
  if (isList(said)) return said.map(below);
  return isObject(said) ? withItems(said) : said;
}

function toSdk(message: ChatMessage, target: ModelTarget): readonly LanguageModelV4Message[] {
  switch (message.role) {
    case "system":
      return message.text === "" ? [] : [{ role: "system", content: message.text }];
    case "user":
      return message.text === "" ? [] : [said(message.text)];
    case "assistant":
      return message.text === "" ? [] : [{ role: "assistant", content: [text(message.text)] }];
    case "model": {
      const own = modelMessage(message, target);
      return own.content.length === 0 ? [] : [own];
    }
    case "tools":
      return [
        {
          role: "tool",
          content: message.results.map(({ callId, tool, text: value, isError }) => ({
            type: "tool-result",
            toolCallId: callId,
            toolName: tool,
            output: { type: isError ? "error-text" : "text", value },
          })),
        },
      ];
  }
}

/** Word for word for the provider that said it (reasoning and signatures with it); for another, what was said. */
function modelMessage(
  { raw, text: words, calls, modelId }: Extract<ChatMessage, { role: "model" }>,
  target: ModelTarget,
): Extract<LanguageModelV4Message, { role: "assistant" }> {
  const [own] = Array.isArray(raw) ? raw : [];
  if (modelId === target.id && isObject(own)) return own as never;
  return {
    role: "assistant",
    content: [
      ...(words === "" ? [] : [text(words)]),
      ...calls.map(({ id, tool, args }) => ({
        type: "tool-call" as const,
        toolCallId: id,
        toolName: tool,
        input: args,
      })),
    ],
  };
}

function said(words: string): LanguageModelV4Message {
  return { role: "user", content: [text(words)] };
}

function text(words: string) {
  return { type: "text", text: words } as const;
}
