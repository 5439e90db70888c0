import { type AiConfig, PROVIDER_NAMES, type Price, type Provider } from "../adapters/agents/model-name.ts";
import { isObject, type JsonValue } from "../core/json.ts";
import type { Name, Reader } from "./environment-reader.ts";

const SHAPE = '{"gpt-4o-mini": {"input": 0.15, "output": 0.6}} in US dollars per million tokens';

/** How models are reached. Keys are only read here, and never logged. */
export function aiConfig(read: Reader): AiConfig {
  const provider = read.text("STATION_AI_PROVIDER");
  if (provider !== null) read.word("STATION_AI_PROVIDER", PROVIDER_NAMES, provider);
  return {
    override: read.text("STATION_AI_MODEL_OVERRIDE"),
    provider,
    model: read.text("STATION_AI_MODEL"),
    keys: {
      STATION_AI_API_KEY: read.text("STATION_AI_API_KEY"),
      OPENAI_API_KEY: read.text("OPENAI_API_KEY"),
      ANTHROPIC_API_KEY: read.text("ANTHROPIC_API_KEY"),
      GEMINI_API_KEY: read.text("GEMINI_API_KEY"),
    },
    baseUrl: addressOf(read, "STATION_AI_BASE_URL"),
    baseUrls: {
      ...baseUrlOf(read, "openai", "OPENAI_BASE_URL", "v1"),
      ...baseUrlOf(read, "anthropic", "ANTHROPIC_BASE_URL", "v1"),
      ...baseUrlOf(read, "google", "GEMINI_BASE_URL", "v1beta"),
    },
    streams: read.word("STATION_AI_STREAMING", ["on", "off"], "on") === "on",
    prices: pricesOf(read),
  };
}

function addressOf(read: Reader, name: Name): string | null {
  const address = read.text(name);
  if (address !== null && (!/^https?:\/\//.test(address) || !URL.canParse(address)))
    read.problem(name, "is not the address of a server", "http://host:port/v1 or https://host/v1");
  return address;
}

/** Where a provider's own clients expect a host alone, the version of its interface is added. */
function baseUrlOf(read: Reader, provider: Provider, name: Name, version: string): AiConfig["baseUrls"] {
  const address = addressOf(read, name);
  if (address === null) return {};
  const plain = address.replace(/\/+$/, "");
  const isHost = URL.canParse(plain) && new URL(plain).pathname === "/";
  return { [provider]: isHost ? `${plain}/${version}` : plain };
}

function pricesOf(read: Reader): AiConfig["prices"] {
  const text = read.text("STATION_AI_PRICES");
  if (text === null) return {};
  const value = parsed(text);
  if (isObject(value) && Object.values(value).every(isPrice)) return value as unknown as AiConfig["prices"];
  read.problem("STATION_AI_PRICES", "is not a table of prices", SHAPE);
  return {};
}

function isPrice(value: JsonValue): boolean {
  if (!isObject(value)) return false;
  const { input, output, cached = 0 } = value as unknown as Partial<Price>;
  return [input, output, cached].every((amount) => typeof amount === "number" && amount >= 0);
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** A JSON list of regular expressions; what a first group matches stays. */
export function redactPatterns(read: Reader): readonly RegExp[] {
  const text = read.text("STATION_REDACT_PATTERNS");
  if (text === null) return [];
  const value = parsed(text);
  try {
    if (Array.isArray(value)) return value.map((pattern) => new RegExp(String(pattern), "g"));
  } catch {
    // said below
  }
  read.problem("STATION_REDACT_PATTERNS", "is not a list of regular expressions", '["order-[0-9]{6}"]');
  return [];
}
