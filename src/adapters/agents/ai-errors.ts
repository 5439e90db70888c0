import { agentError } from "../../core/agent/errors.ts";
import { isList, isObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { secondsToWait } from "../../core/retry-after.ts";
import type { StepError } from "../../core/run/run.ts";
import { ModelFailure } from "../../engine/ports/agents.ts";

/** As much of the SDK's error for a call as is looked at. */
type CallError = {
  readonly statusCode?: number;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
  /** What could not be understood. */
  readonly value?: JsonValue;
  readonly message: string;
};

/** What a provider's failure means, and whether asking again may help. */
export function failureOf(error: unknown, model: string, now: number): ModelFailure {
  if (error instanceof ModelFailure) return error;
  const call = innermost(error);
  return new ModelFailure(meaningOf(call, model, now), error);
}

/** True when a provider does not take the form in which an answer was asked for, or its model could not keep to it. */
export function refusesFormat(error: unknown): boolean {
  const { statusCode, responseBody = "" } = innermost(error);
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 && FORMAT.test(responseBody);
}

const FORMAT =
  /response[_ .]?(?:format|schema)|text\.format|output_(?:config|format)|json[_ ](?:schema|mode|object|validate)|grammar/i;

/** Retries wrap the error that counts. */
function innermost(error: unknown): CallError {
  const last = error as { readonly lastError?: unknown } | null;
  const inner = last?.lastError ?? error;
  if (inner instanceof Error) return saidInstead(inner as CallError) ?? (inner as CallError);
  return isObject(inner as JsonValue)
    ? saidMidway(inner as JsonObject)
    : (new Error(String(inner)) as CallError);
}

/** What came in place of an answer may be an error all the same: some say so with 200, or midway in a form of their own. */
function saidInstead({ statusCode = 200, value, responseBody }: CallError): CallError | null {
  const body = statusCode === 200 ? (value ?? parsed(responseBody ?? "")) : undefined;
  const said = isObject(body) ? (body["object"] === "error" ? body : body["error"]) : undefined;
  if (typeof said === "string") return saidMidway({ message: said });
  return isObject(said) ? saidMidway(said) : null;
}

/** An answer that had begun ends with an error in it: there is no status any more, only what the provider says. */
function saidMidway(said: JsonObject): CallError {
  const { type, status, statusCode, code } = said;
  const word =
    [type, status]
      .find((one) => typeof one === "string")
      ?.toString()
      .toLowerCase() ?? "";
  const known = Object.entries(MIDWAY).find(([key]) => word.startsWith(key))?.[1];
  return {
    statusCode: known ?? [statusCode, code].map(Number).find((one) => one >= 400 && one < 600) ?? 500,
    responseBody: JSON.stringify(said),
    message: String(said["message"] ?? "it broke off its answer"),
  };
}

const MIDWAY: Readonly<Record<string, number>> = {
  overloaded: 529,
  rate_limit: 429,
  resource_exhausted: 429,
  authentication: 401,
  permission: 403,
  not_found: 404,
  invalid: 400,
};

function meaningOf(error: CallError, model: string, now: number): StepError {
  const { statusCode: status } = error;
  const said = saidBy(error);
  const about = `model "${model}"`;
  const text = `${said.code} ${said.type} ${said.message}`.toLowerCase();
  const { retryDelay, isDaily } = said.details;
  if (status === undefined) {
    if (isNetwork(error)) return passing("llm_network", `${about} cannot be reached: ${reasonOf(error)}`);
    return passing(
      "llm_bad_response",
      `${about} answered something that is no answer: ${clip(error.message)}`,
    );
  }
  const message = `${about} answered ${status}: ${clip(said.message)}`;
  // Google says "quota" of every limit, and says when to come back; what is used up for a day does not come back soon.
  if (status === 429 && retryDelay !== null && !isDaily)
    return passing("llm_rate_limit", message, retryAfter(error, now) ?? retryDelay);
  if (status === 402 || /insufficient_quota|billing|credit balance|exceeded your current quota/.test(text))
    return agentError("llm_quota", message);
  if (status === 429) return passing("llm_rate_limit", message, retryAfter(error, now));
  if (status === 401 || status === 403 || /api key not valid|api_key_invalid/.test(text))
    return agentError("llm_auth", message);
  if (status === 404)
    return agentError("llm_model_not_found", `${message}${said.code + said.type === "" ? ASTRAY : ""}`);
  if (
    status === 413 ||
    /context[_ ](?:length|window|size|limit)|maximum (?:context|model length)|(?:prompt|input) is too long|too many tokens|input token count/.test(
      text,
    )
  )
    return agentError("llm_context_length", message);
  if (/content_filter|content_policy|responsible ai|safety/.test(text) && status === 400)
    return agentError("llm_content_filter", message);
  if (status >= 500 || status === 408 || status === 409 || status === 529)
    return passing("llm_unavailable", message, retryAfter(error, now));
  if (status === 200) return passing("llm_bad_response", `${about} answered something that is no answer`);
  return agentError("llm_bad_request", message);
}

/** Nobody who speaks of models has answered. */
const ASTRAY = "; is the address right? STATION_AI_BASE_URL and its like mostly end in /v1";

/** Who asks for a longer pause has made a mistake: nobody would live to see its end. */
const LONGEST_WAIT_SECONDS = 86_400;

function passing(code: string, message: string, retryAfterSeconds?: number): StepError {
  const later =
    retryAfterSeconds === undefined
      ? {}
      : { retryAfterSeconds: Math.min(Math.max(retryAfterSeconds, 0), LONGEST_WAIT_SECONDS) };
  return { type: "agent_error", code, message, retryable: true, ...later };
}

type Said = {
  readonly code: string;
  readonly type: string;
  readonly message: string;
  readonly details: Details;
};

function saidBy({ responseBody, message }: CallError): Said {
  const body = parsed(responseBody ?? "");
  const first = Array.isArray(body) ? body[0] : body;
  const error = isObject(first) ? (first["error"] ?? first) : null;
  const text = (value: JsonValue | undefined) => (typeof value === "string" ? value : "");
  if (!isObject(error)) return { code: "", type: "", message: text(error) || message, details: NO_DETAILS };
  return {
    code: text(error["code"]) || text(error["status"]),
    type: text(error["type"]),
    message: text(error["message"]) || text(error["detail"]) || message,
    details: detailsOf(error["details"]),
  };
}

/** What Google adds to an error: seconds until another try makes sense, and whether a day's allowance is used up. */
type Details = { readonly retryDelay: number | null; readonly isDaily: boolean };

const NO_DETAILS: Details = { retryDelay: null, isDaily: false };

function detailsOf(details: JsonValue | undefined): Details {
  if (!isList(details)) return NO_DETAILS;
  const written = details.flatMap((one) => (isObject(one) ? [one["retryDelay"]] : [])).find(Boolean);
  const seconds = Number.parseFloat(String(written));
  return {
    retryDelay: Number.isFinite(seconds) ? seconds : null,
    isDaily: /PerDay/.test(JSON.stringify(details)),
  };
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Seconds from `retry-after-ms`, or from `Retry-After` as seconds or as a date. */
function retryAfter({ responseHeaders = {} }: CallError, now: number): number | undefined {
  const ms = Number(responseHeaders["retry-after-ms"]);
  if (Number.isFinite(ms) && ms > 0) return ms / 1000;
  return secondsToWait(responseHeaders["retry-after"], now);
}

function isNetwork(error: CallError): boolean {
  return /fetch failed|cannot connect|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|socket|other side closed|terminated|network/i.test(
    reasonOf(error),
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? ` ${String(error.code)}` : "";
  return `${error.message}${code}${error.cause === undefined ? "" : `: ${reasonOf(error.cause)}`}`;
}

function clip(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
