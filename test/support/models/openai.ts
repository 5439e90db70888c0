import { isObject, type JsonObject, type JsonValue } from "../../../src/core/json.ts";
import { type Asked, type Dialect, type Failure, type Said, sse, wordsOf } from "./server.ts";

/** OpenAI's chat completions. */
export const openai: Dialect = {
  path: "/v1",
  read({ path, headers, body }) {
    const fault = faultOf(path, body);
    if (!/^Bearer \S+$/.test(headers.authorization ?? "")) return { ok: false, ...failure("unauthorized") };
    if (fault !== null)
      return { ok: false, status: 400, body: errorOf("invalid_request_error", null, fault) };
    return { ok: true, asked: { ...(body as unknown as Asked), streams: body["stream"] === true } };
  },
  whole(said, { model }, nth) {
    const { text, calls = [] } = said;
    const message = { role: "assistant", content: text ?? null, ...toolCalls(calls, nth) };
    return {
      ...headOf(model, nth, "chat.completion"),
      choices: [{ index: 0, message, finish_reason: finishOf(said) }],
      usage: USAGE,
    };
  },
  pieces(said, { model }, nth) {
    const { text, calls = [] } = said;
    const head = headOf(model, nth, "chat.completion.chunk");
    const chunk = (delta: JsonObject, finish: string | null = null) =>
      sse({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
    return [
      chunk({ role: "assistant", content: "" }),
      ...wordsOf(text ?? "").map((word) => chunk({ content: word })),
      ...calls.flatMap(([name, args], index) => {
        const given = typeof args === "string" ? args : JSON.stringify(args);
        const id = `call_${nth}_${index}`;
        return [
          chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
          ...halves(given).map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] })),
        ];
      }),
      chunk({}, finishOf(said)),
      sse({ ...head, choices: [], usage: USAGE }),
      sse("[DONE]"),
    ];
  },
  failure,
  midway: sse(errorOf("server_error", null, "The server is overloaded or not ready yet.")),
};

export const USAGE = { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 };

function headOf(model: string, nth: number, object: string): JsonObject {
  return { id: `chatcmpl-${nth}`, object, created: 1_700_000_000, model };
}

function toolCalls(calls: NonNullable<Said["calls"]>, nth: number): JsonObject {
  if (calls.length === 0) return {};
  return {
    tool_calls: calls.map(([name, args], index) => ({
      id: `call_${nth}_${index}`,
      type: "function",
      function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args) },
    })),
  };
}

function finishOf({ finish, calls = [] }: Said): string {
  if (finish === "refused") return "content_filter";
  return finish === "length" || calls.length === 0 ? (finish ?? "stop") : "tool_calls";
}

/** A text in two pieces: what is read from a wire ends anywhere. */
export function halves(text: string): readonly string[] {
  const half = Math.ceil(text.length / 2);
  return [text.slice(0, half), text.slice(half)];
}

export function errorOf(type: string, code: string | null, message: string): JsonObject {
  return { error: { message, type, param: null, code } };
}

const FAILURES: Readonly<Record<Failure, readonly [number, JsonObject]>> = {
  "rate limit": [429, errorOf("tokens", "rate_limit_exceeded", "Rate limit reached for gpt-4o-mini.")],
  quota: [
    429,
    errorOf(
      "insufficient_quota",
      "insufficient_quota",
      "You exceeded your current quota, please check your plan and billing details.",
    ),
  ],
  unavailable: [500, errorOf("server_error", null, "The server had an error while processing your request.")],
  overloaded: [503, errorOf("server_error", null, "The engine is currently overloaded.")],
  timeout: [408, errorOf("timeout", null, "Request timed out.")],
  conflict: [409, errorOf("conflict", null, "The resource was updated by another request.")],
  unauthorized: [401, errorOf("invalid_request_error", "invalid_api_key", "Incorrect API key provided.")],
  forbidden: [403, errorOf("invalid_request_error", "unsupported_country", "Country not supported.")],
  "not found": [404, errorOf("invalid_request_error", "model_not_found", "The model does not exist.")],
  "bad request": [400, errorOf("invalid_request_error", null, "Invalid value.")],
  "prompt too long": [
    400,
    errorOf(
      "invalid_request_error",
      "context_length_exceeded",
      "This model's maximum context length is 128000 tokens.",
    ),
  ],
};

export function failure(name: Failure) {
  const [status, body] = FAILURES[name];
  return { status, body };
}

const KNOWN = new Set(
  [
    "model messages tools tool_choice response_format stream stream_options temperature top_p max_tokens",
    "max_completion_tokens seed presence_penalty frequency_penalty stop n user parallel_tool_calls",
  ].flatMap((line) => line.split(" ")),
);

function faultOf(path: string, body: JsonObject): string | null {
  if (path !== "/v1/chat/completions") return `Unknown request URL: POST ${path}`;
  for (const key of Object.keys(body))
    if (!KNOWN.has(key)) return `Unrecognized request argument supplied: ${key}`;
  if (body["stream_options"] !== undefined && body["stream"] !== true)
    return "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
  for (const tool of listOf(body["tools"])) {
    const fault = functionFault(asObject(tool["function"]));
    if (fault !== null) return fault;
  }
  const { json_schema: format } = asObject(body["response_format"]);
  if (isObject(format) && format["strict"] === true && !isStrict(asObject(format["schema"])))
    return "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false.";
  return pairingFault(listOf(body["messages"]));
}

export function functionFault({ name, parameters }: JsonObject): string | null {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(name))) return `Invalid 'tools[0].function.name': ${String(name)}`;
  const schema = asObject(parameters);
  const invalid = `Invalid schema for function '${String(name)}'`;
  if (schema["type"] !== "object") return `${invalid}: schema must be a JSON Schema of 'type: "object"'`;
  if (["oneOf", "anyOf", "allOf", "enum", "not"].some((word) => word in schema))
    return `${invalid}: schema must not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level`;
  if (schema["properties"] === undefined)
    return `${invalid}: In context=(), object schema missing properties.`;
  for (const [field, { type, items }] of Object.entries(asObject(schema["properties"])).map(fieldOf))
    if ([type].flat().includes("array") && items === undefined)
      return `${invalid}: In context=('properties', '${field}'), array schema missing items.`;
  return null;
}

function fieldOf([name, schema]: readonly [string, JsonValue]): readonly [string, JsonObject] {
  return [name, asObject(schema)];
}

/** Every call is answered at once, and nothing is answered that was not called. */
function pairingFault(messages: readonly JsonObject[]): string | null {
  if (messages.length === 0) return "Invalid 'messages': empty array.";
  let open = new Set<string>();
  for (const message of messages) {
    const { role, content, tool_calls: calls, tool_call_id: answered } = message;
    if (!["system", "developer", "user", "assistant", "tool"].includes(String(role)))
      return `Invalid value: '${String(role)}'.`;
    if (role === "tool") {
      if (!open.delete(String(answered)))
        return "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
      continue;
    }
    if (open.size > 0)
      return "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.";
    if (content === null && calls === undefined)
      return "Invalid value for 'content': expected a string, got null.";
    open = new Set(listOf(calls).map(({ id }) => String(id)));
  }
  return open.size > 0 ? "An assistant message with 'tool_calls' must be followed by tool messages." : null;
}

function isStrict(schema: JsonObject): boolean {
  const properties = Object.keys(asObject(schema["properties"]));
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return schema["additionalProperties"] === false && properties.every((name) => required.includes(name));
}

export function asObject(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function listOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.map((item) => asObject(item as JsonValue)) : [];
}
