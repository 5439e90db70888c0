import type {
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from "@ai-sdk/provider";
import type { Reply } from "../../core/agent/agent-run.ts";
import { DEEPEST, isObject, isTooDeep, type JsonObject, type JsonValue } from "../../core/json.ts";
import { integerFault } from "../../core/json-syntax.ts";
import { withThoughts } from "./thoughts.ts";

/** A model's answer as its provider gave it. */
export type Answered = Pick<Reply, "text" | "calls" | "raw"> & {
  readonly finish: LanguageModelV4FinishReason;
  readonly usage: LanguageModelV4Usage;
};

/** What a model said, in the order in which it said it, and in the form in which its provider wants it back. */
type Part = { readonly providerOptions?: SharedV4ProviderMetadata } & (
  | { readonly type: "text" | "reasoning"; text: string }
  | {
      readonly type: "tool-call";
      readonly toolCallId: string;
      readonly toolName: string;
      readonly input: JsonObject;
      readonly args: JsonObject;
      readonly isGarbled?: true;
    }
);

/** Reads an answer to its end, telling each piece of its text. Null when it breaks off; throws what the provider says went wrong. */
export async function readAnswer(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  onText: (delta: string) => void,
): Promise<Answered | null> {
  const parts: Part[] = [];
  const open = new Map<string, number>();
  let end: Extract<LanguageModelV4StreamPart, { type: "finish" }> | null = null;
  for await (const piece of stream)
    switch (piece.type) {
      case "text-start":
      case "reasoning-start": {
        const type = piece.type === "text-start" ? "text" : "reasoning";
        open.set(`${type}:${piece.id}`, parts.push({ type, text: "", ...optionsOf(piece) }) - 1);
        break;
      }
      case "text-delta":
      case "reasoning-delta":
      case "text-end":
      case "reasoning-end": {
        const type = piece.type.startsWith("text") ? "text" : "reasoning";
        const at = open.get(`${type}:${piece.id}`);
        const part = at === undefined ? undefined : parts[at];
        if (at === undefined || part === undefined || part.type === "tool-call") break;
        const delta = "delta" in piece ? piece.delta : "";
        // The last word on a part's own data counts: signatures come at its end.
        parts[at] = { ...part, text: part.text + delta, ...optionsOf(piece) };
        if (type === "text" && delta !== "") onText(delta);
        break;
      }
      case "tool-call":
        parts.push(callPart(piece));
        break;
      case "error":
        if (isWithoutEnd(piece.error)) return null;
        throw piece.error;
      case "finish":
        end = piece;
        break;
      default:
    }
  // OpenAI gives no reason of its own for the end of a complete answer.
  if (end === null || end.finishReason.unified === "interrupted") return null;
  return answered(parts, end);
}

/** How the client of servers like OpenAI says that an answer broke off, or did not come piece by piece. */
function isWithoutEnd(error: unknown): boolean {
  return error instanceof Error && error.message === "Response stream ended without a finish reason.";
}

/** The same of an answer that came as a whole. */
export function wholeAnswer(result: Pick<LanguageModelV4GenerateResult, "content"> & End): Answered {
  const parts = result.content.flatMap((part): readonly Part[] => {
    switch (part.type) {
      case "text":
      case "reasoning":
        return [{ type: part.type, text: part.text, ...optionsOf(part) }];
      case "tool-call":
        return [callPart(part)];
      default:
        return [];
    }
  });
  return answered(parts, result);
}

/** What is known when an answer is over. */
type End = Pick<LanguageModelV4GenerateResult, "finishReason" | "usage" | "providerMetadata">;

function answered(said: readonly Part[], { finishReason: finish, usage, providerMetadata }: End): Answered {
  const parts = finish.unified === "length" ? withoutCutCall(said) : said;
  const worth = parts.filter((part, at) => isWorthSaying(part, [parts[at - 1], parts[at + 1]]));
  const content = worth.map((part) => {
    if (part.type !== "tool-call") return part;
    const { args, isGarbled, ...kept } = part;
    return kept;
  });
  return {
    text: parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(""),
    calls: parts.flatMap((part) =>
      part.type === "tool-call"
        ? [
            {
              id: part.toolCallId,
              tool: part.toolName,
              args: part.args,
              ...(part.isGarbled ? { isGarbled: part.isGarbled } : {}),
            },
          ]
        : [],
    ),
    raw: JSON.parse(
      JSON.stringify([{ role: "assistant", ...withThoughts(content, providerMetadata) }]),
    ) as JsonValue,
    finish,
    usage,
  };
}

function callPart(call: {
  readonly toolCallId: string;
  readonly toolName: string;
  readonly input: string;
  readonly providerMetadata?: SharedV4ProviderMetadata;
}): Part {
  const { toolCallId, toolName, input } = call;
  const read = input.trim() === "" ? {} : parsed(input);
  const about = { type: "tool-call", toolCallId, toolName, ...optionsOf(call) } as const;
  const isWhole = isObject(read) && !isTooDeep(read) && integerFault(input) === null;
  if (isWhole) return { ...about, input: read, args: read };
  // Given back to the model it has to be an object.
  return { ...about, input: {}, args: { value: input }, isGarbled: true };
}

/**
 * A text without a word is refused by some (Anthropic says such itself), unless the provider hung something on it; between
 * two thoughts it has to stay, since what is signed there must not be brought together.
 */
function isWorthSaying(part: Part, beside: readonly (Part | undefined)[]): boolean {
  if (part.type !== "text" || part.providerOptions || part.text.trim() !== "") return true;
  return part.text !== "" && beside.every((one) => one?.type === "reasoning");
}

/** What was cut off in a call has half of its arguments, or none: nobody can tell by looking at them. */
function withoutCutCall(parts: readonly Part[]): readonly Part[] {
  const last = parts.at(-1);
  if (last?.type !== "tool-call" || last.isGarbled) return parts;
  const cut = { ...last, input: {}, args: { value: JSON.stringify(last.args) }, isGarbled: true as const };
  return [...parts.slice(0, -1), cut];
}

/** Kept to be given back unchanged; throws for what nobody can keep. */
function optionsOf({ providerMetadata }: { readonly providerMetadata?: SharedV4ProviderMetadata }) {
  if (isTooDeep(providerMetadata)) throw new Error(`its metadata is nested more than ${DEEPEST} levels deep`);
  return providerMetadata === undefined ? {} : { providerOptions: providerMetadata };
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
