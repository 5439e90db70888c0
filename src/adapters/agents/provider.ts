import type { LanguageModelV4 } from "@ai-sdk/provider";
import type { JsonObject } from "../../core/json.ts";
import type { ModelTarget } from "./model-name.ts";
import { noticeThoughts } from "./thoughts.ts";

export type OpenedProvider = {
  readonly model: LanguageModelV4;
  readonly options: Record<string, JsonObject>;
};

/** Said here, so that no variable that only the clients know changes where prompts go. */
const OWN = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com/v1",
  google: "https://generativelanguage.googleapis.com/v1beta",
};

const opened = new Map<string, Promise<OpenedProvider>>();

/** The SDK's model for a target, opened once; each provider's package is loaded when it is first used. */
export function openProvider(target: ModelTarget): Promise<OpenedProvider> {
  const key = JSON.stringify(target);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const fresh = open(target);
  opened.set(key, fresh);
  return fresh;
}

async function open({ provider, model, apiKey, baseUrl, id }: ModelTarget): Promise<OpenedProvider> {
  const key = apiKey === null ? {} : { apiKey };
  switch (provider) {
    case "openai": {
      const { createOpenAI } = await import("@ai-sdk/openai");
      const openai = createOpenAI({ ...key, baseURL: baseUrl ?? OWN.openai });
      // Its strict mode refuses schemas with optional fields, that is, real ones.
      const options = { openai: { strictJsonSchema: false } };
      if (baseUrl !== null) return { model: openai.chat(model), options };
      // Nothing is left at the provider, so that the transcript is all there is; sealed thoughts are then asked for by the
      // SDK, of those models only that have any.
      return { model: openai(model), options: { openai: { ...options.openai, store: false } } };
    }
    case "anthropic": {
      const { createAnthropic } = await import("@ai-sdk/anthropic");
      return { model: createAnthropic({ ...key, baseURL: baseUrl ?? OWN.anthropic })(model), options: {} };
    }
    case "google": {
      const { createGoogleGenerativeAI } = await import("@ai-sdk/google");
      return {
        model: createGoogleGenerativeAI({ ...key, baseURL: baseUrl ?? OWN.google })(model),
        options: {},
      };
    }
    case "compatible": {
      const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
      const name = id.slice(0, id.indexOf("/"));
      const compatible = createOpenAICompatible({
        name,
        baseURL: baseUrl ?? "",
        ...key,
        // Else nobody says what was used up.
        includeUsage: true,
        metadataExtractor: noticeThoughts,
      });
      return { model: compatible(model), options: {} };
    }
  }
}
