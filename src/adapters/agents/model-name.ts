import { agentError } from "../../core/agent/errors.ts";
import { didYouMean } from "../../core/definition/suggest.ts";
import type { StepError } from "../../core/run/run.ts";
import { SCRIPT_MODEL } from "./errors.ts";

/** How this installation reaches models; read once from the process environment. */
export type AiConfig = {
  /** For demos and tests: every agent uses this model, whatever its file says. */
  readonly override: string | null;
  /** For agents that name no model, or one whose provider their name does not tell. */
  readonly provider: string | null;
  readonly model: string | null;
  /** By the name of their variable. */
  readonly keys: Readonly<Record<KeyName, string | null>>;
  /** `STATION_AI_BASE_URL`: of the provider that is the default, or of all where none is. */
  readonly baseUrl: string | null;
  /** Of one provider, whichever is the default. */
  readonly baseUrls: Readonly<Partial<Record<Provider, string>>>;
  /** Answers come piece by piece; not every server can do that. */
  readonly streams: boolean;
  /** US dollars per million tokens, by model. */
  readonly prices: Readonly<Record<string, Price>>;
};

export type Price = { readonly input: number; readonly output: number; readonly cached?: number };

export type KeyName = "STATION_AI_API_KEY" | "OPENAI_API_KEY" | "ANTHROPIC_API_KEY" | "GEMINI_API_KEY";

export type Provider = "openai" | "anthropic" | "google" | "compatible";

/** What is needed to reach one model. */
export type ModelTarget = {
  readonly provider: Provider;
  /** As people write it: `openai/gpt-4o-mini`. */
  readonly id: string;
  readonly model: string;
  readonly apiKey: string | null;
  readonly baseUrl: string | null;
};

export type Targeted =
  | { readonly ok: true; readonly target: ModelTarget | "script" }
  | { readonly ok: false; readonly error: StepError };

/** Every spelling of a provider, and the one it stands for. */
const PROVIDERS: Readonly<Record<string, Provider>> = {
  openai: "openai",
  anthropic: "anthropic",
  google: "google",
  gemini: "google",
  googleai: "google",
  "openai-compatible": "compatible",
  compatible: "compatible",
  custom: "compatible",
  ollama: "compatible",
  vllm: "compatible",
};

const PREFIXES: readonly (readonly [RegExp, Provider])[] = [
  [/^(?:gpt-|chatgpt|o\d)/, "openai"],
  [/^claude/, "anthropic"],
  [/^gemini/, "google"],
];

const KEYS: Readonly<Record<Provider, KeyName>> = {
  openai: "OPENAI_API_KEY",
  anthropic: "ANTHROPIC_API_KEY",
  google: "GEMINI_API_KEY",
  compatible: "STATION_AI_API_KEY",
};

const OLLAMA = "http://localhost:11434/v1";

/** Which model an agent is to use and how it is reached; what is missing is named. */
export function targetOf(agent: string, written: string, config: AiConfig): Targeted {
  const wanted = config.override ?? (written !== "" ? written : defaultModel(config));
  if (wanted === SCRIPT_MODEL) return { ok: true, target: "script" };
  if (wanted === null)
    return failed(
      "no_model",
      `agent "${agent}" names no model; write "model:" in its file, or set STATION_AI_MODEL`,
    );
  const slash = wanted.indexOf("/");
  const head = slash === -1 ? null : wanted.slice(0, slash).toLowerCase();
  const named = head === null ? undefined : PROVIDERS[head];
  if (head !== null && !named && providerOf(config) !== "compatible") {
    const hint =
      didYouMean(head, Object.keys(PROVIDERS)) ?? `there are: ${Object.keys(PROVIDERS).join(", ")}`;
    return failed(
      "unknown_provider",
      `agent "${agent}" wants the model "${wanted}": there is no provider "${head}"; ${hint}`,
    );
  }
  const model = named ? wanted.slice(slash + 1) : wanted;
  const provider = named ?? PREFIXES.find(([prefix]) => prefix.test(model))?.[1] ?? providerOf(config);
  if (!provider)
    return failed(
      "unknown_provider",
      `agent "${agent}" wants the model "${wanted}", whose provider its name does not tell; write provider/model, or set STATION_AI_PROVIDER`,
    );
  return reach(agent, { provider, head, model }, config);
}

function reach(
  agent: string,
  { provider, head, model }: { provider: Provider; head: string | null; model: string },
  config: AiConfig,
): Targeted {
  const isDefault = config.provider === null || providerOf(config) === provider;
  const shared = isDefault ? config.keys.STATION_AI_API_KEY : null;
  const apiKey = config.keys[KEYS[provider]] ?? shared;
  const baseUrl =
    config.baseUrls[provider] ?? (isDefault ? config.baseUrl : null) ?? (head === "ollama" ? OLLAMA : null);
  const id = `${provider === "compatible" ? (head ?? "compatible") : provider}/${model}`;
  if (provider === "compatible" && baseUrl === null)
    return failed("no_model", `agent "${agent}" wants the model "${id}": STATION_AI_BASE_URL is not set`);
  if (provider !== "compatible" && apiKey === null)
    return failed(
      "llm_auth",
      `agent "${agent}" wants the model "${id}": ${KEYS[provider]} is not set; no other model steps in`,
    );
  return { ok: true, target: { provider, id, model, apiKey, baseUrl } };
}

function defaultModel({ model }: AiConfig): string | null {
  return model;
}

function providerOf({ provider }: AiConfig): Provider | undefined {
  return provider === null ? undefined : PROVIDERS[provider.toLowerCase()];
}

/** What may be written as a provider. */
export const PROVIDER_NAMES = Object.keys(PROVIDERS);

function failed(code: string, message: string): Targeted {
  return { ok: false, error: agentError(code, message) };
}

/** What a model costs, under the name people write it by, or its provider's. */
export function priceOf(
  { prices }: Pick<AiConfig, "prices">,
  { id, model }: Pick<ModelTarget, "id" | "model">,
): Price | undefined {
  return prices[id] ?? prices[model];
}

/** What a turn cost, as far as the price table knows its model; tokens read from a cache cost less. */
export function costOf(
  config: Pick<AiConfig, "prices">,
  target: Pick<ModelTarget, "id" | "model">,
  usage: { readonly inputTokens: number; readonly outputTokens: number; readonly cachedTokens: number },
): number {
  const price = priceOf(config, target);
  if (!price) return 0;
  const fresh = usage.inputTokens - usage.cachedTokens;
  const cached = usage.cachedTokens * (price.cached ?? price.input);
  return (fresh * price.input + cached + usage.outputTokens * price.output) / 1_000_000;
}
