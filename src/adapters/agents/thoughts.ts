import type { SharedV4ProviderMetadata } from "@ai-sdk/provider";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";

/** Whom the name is told by, in the SDK's metadata. */
const BY = "station";

/**
 * Servers that speak as OpenAI does give a model's thoughts as `reasoning_content` or as `reasoning`. The SDK reads both and
 * gives back the first, which those who use the second refuse (Groq, Cerebras) or do not read (Ollama): this tells which.
 */
export const noticeThoughts = {
  extractMetadata: async ({ parsedBody }: { readonly parsedBody: unknown }) => noticed(parsedBody),
  createStreamExtractor() {
    let found: SharedV4ProviderMetadata | undefined;
    return {
      processChunk(chunk: unknown) {
        found ??= noticed(chunk);
      },
      buildMetadata: () => found,
    };
  },
};

function noticed(answer: unknown): SharedV4ProviderMetadata | undefined {
  const choices = isObject(answer as JsonValue) ? (answer as JsonObject)["choices"] : undefined;
  const [first] = isList(choices) ? choices : [];
  const said = isObject(first) ? (first["delta"] ?? first["message"]) : undefined;
  if (!isObject(said) || !said["reasoning"] || said["reasoning_content"]) return undefined;
  return { [BY]: { thoughts: "reasoning" } };
}

const BEGIN = "<think>";
const END = "</think>";

/**
 * What a model answered, without the thoughts that a server left standing before it: between two marks, or before the second
 * alone where its template had written the first.
 */
export function withoutThoughts(text: string): string {
  const end = text.indexOf(END);
  const begin = text.indexOf(BEGIN);
  const isBefore = begin === -1 || begin > end || text.slice(0, begin).trim() === "";
  return end !== -1 && isBefore ? text.slice(end + END.length).trimStart() : text;
}

/** A model's message with its thoughts where its server takes them. */
export function withThoughts<Part extends { readonly type: string; readonly text?: string }>(
  content: readonly Part[],
  metadata: SharedV4ProviderMetadata | undefined,
) {
  if (metadata?.[BY] === undefined) return { content };
  const thoughts = content.flatMap(({ type, text }) => (type === "reasoning" ? [text ?? ""] : [])).join("");
  return {
    content: content.filter(({ type }) => type !== "reasoning"),
    // What stands here the SDK writes into the message as it is.
    providerOptions: { openaiCompatible: { reasoning: thoughts } },
  };
}
