import type { JsonObject } from "../../../src/core/json.ts";
import { asObject, halves, listOf } from "./openai.ts";
import { type Asked, type Dialect, type Failure, type Said, sse, wordsOf } from "./server.ts";

/** Anthropic's messages. */
export const anthropic: Dialect = {
  path: "/v1",
  read({ path, headers, body }) {
    if (!headers["x-api-key"]) return { ok: false, ...failure("unauthorized") };
    const fault =
      headers["anthropic-version"] === "2023-06-01"
        ? faultOf(path, body)
        : "anthropic-version: header is required";
    if (fault !== null) return { ok: false, status: 400, body: errorOf("invalid_request_error", fault) };
    return { ok: true, asked: askedOf(body) };
  },
  whole(said, asked, nth) {
    return {
      ...headOf(asked, nth),
      content: blocksOf(said, asked, nth) as never,
      stop_reason: stopOf(said, asked),
      usage: { ...USAGE, output_tokens: 10 },
    };
  },
  pieces(said, asked, nth) {
    const event = (type: string, data: JsonObject) => sse({ type, ...data }, type);
    const message = {
      ...headOf(asked, nth),
      content: [],
      stop_reason: null,
      usage: { ...USAGE, output_tokens: 1 },
    };
    return [
      event("message_start", { message }),
      event("ping", {}),
      ...blocksOf(said, asked, nth).flatMap((block, index) => {
        const delta = (data: JsonObject) => event("content_block_delta", { index, delta: data });
        const start = (content_block: JsonObject) => event("content_block_start", { index, content_block });
        const stop = event("content_block_stop", { index });
        switch (block["type"]) {
          case "thinking":
            return [
              start({ type: "thinking", thinking: "", signature: "" }),
              delta({ type: "thinking_delta", thinking: block["thinking"] ?? "" }),
              delta({ type: "signature_delta", signature: block["signature"] ?? "" }),
              stop,
            ];
          case "tool_use":
            return [
              start({ ...block, input: {} }),
              ...halves(JSON.stringify(block["input"])).map((partial_json) =>
                delta({ type: "input_json_delta", partial_json }),
              ),
              stop,
            ];
          default:
            return [
              start({ type: "text", text: "" }),
              ...wordsOf(String(block["text"])).map((text) => delta({ type: "text_delta", text })),
              stop,
            ];
        }
      }),
      event("message_delta", {
        delta: { stop_reason: stopOf(said, asked), stop_sequence: null },
        usage: { output_tokens: 10 },
      }),
      event("message_stop", {}),
    ];
  },
  failure,
  midway: sse(errorOf("overloaded_error", "Overloaded"), "error"),
};

const USAGE = { input_tokens: 60, cache_creation_input_tokens: 0, cache_read_input_tokens: 40 };

function headOf({ model }: Asked, nth: number): JsonObject {
  return { id: `msg_${nth}`, type: "message", role: "assistant", model, stop_sequence: null };
}

function blocksOf({ thought, text, calls = [] }: Said, asked: Asked, nth: number): readonly JsonObject[] {
  const forced = asked.tools?.find((tool) => tool.function.name === "json") !== undefined;
  return [
    ...(thought === undefined ? [] : [{ type: "thinking", thinking: thought, signature: `sig-${nth}` }]),
    ...(text === undefined || text === ""
      ? []
      : forced && isJson(text)
        ? [{ type: "tool_use", id: `toolu_${nth}_json`, name: "json", input: JSON.parse(text) as JsonObject }]
        : [{ type: "text", text }]),
    ...calls.map(([name, args], index) => ({
      type: "tool_use",
      id: `toolu_${nth}_${index}`,
      name,
      input: typeof args === "string" ? {} : args,
    })),
  ];
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

function stopOf(said: Said, asked: Asked): string {
  if (said.finish === "refused") return "refusal";
  if (said.finish === "length") return "max_tokens";
  const calls = blocksOf(said, asked, 0).some(({ type }) => type === "tool_use");
  return calls ? "tool_use" : "end_turn";
}

function errorOf(type: string, message: string): JsonObject {
  return { type: "error", error: { type, message }, request_id: "req_1" };
}

const FAILURES: Readonly<Record<Failure, readonly [number, string, string]>> = {
  "rate limit": [429, "rate_limit_error", "This request would exceed your organization's rate limit."],
  quota: [400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API."],
  unavailable: [500, "api_error", "Internal server error"],
  overloaded: [529, "overloaded_error", "Overloaded"],
  timeout: [504, "timeout_error", "The request timed out."],
  conflict: [409, "conflict_error", "Conflict"],
  unauthorized: [401, "authentication_error", "invalid x-api-key"],
  forbidden: [
    403,
    "permission_error",
    "Your API key does not have permission to use the specified resource.",
  ],
  "not found": [404, "not_found_error", "model: claude-nothing"],
  "bad request": [400, "invalid_request_error", "temperature: range: -1..1"],
  "prompt too long": [400, "invalid_request_error", "prompt is too long: 215000 tokens > 200000 maximum"],
};

function failure(name: Failure) {
  const [status, type, message] = FAILURES[name];
  return { status, body: errorOf(type, message) };
}

const KNOWN = new Set(
  "model messages system max_tokens tools tool_choice stream temperature top_p top_k stop_sequences metadata thinking output_config".split(
    " ",
  ),
);

function faultOf(path: string, body: JsonObject): string | null {
  if (path !== "/v1/messages") return `Not found: ${path}`;
  for (const key of Object.keys(body)) if (!KNOWN.has(key)) return `${key}: Extra inputs are not permitted`;
  if (typeof body["max_tokens"] !== "number") return "max_tokens: Field required";
  for (const [at, tool] of listOf(body["tools"]).entries()) {
    const schema = asObject(tool["input_schema"]);
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool["name"])))
      return `tools.${at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
    if (schema["type"] !== "object") return `tools.${at}.custom.input_schema.type: Field required`;
    if (["oneOf", "anyOf", "allOf"].some((word) => word in schema))
      return `tools.${at}.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`;
  }
  const format = asObject(asObject(body["output_config"])["format"]);
  const open = openObject(asObject(format["schema"]));
  if (open)
    return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false";
  for (const block of Array.isArray(body["system"]) ? listOf(body["system"]) : [])
    if (block["text"] === "") return "system: text content blocks must be non-empty";
  return conversationFault(listOf(body["messages"]));
}

function conversationFault(messages: readonly JsonObject[]): string | null {
  if (messages.length === 0) return "messages: at least one message is required";
  if (messages[0]?.["role"] !== "user") return 'messages: first message must use the "user" role';
  let open: readonly string[] = [];
  for (const [at, message] of messages.entries()) {
    const { role, content } = message;
    if (role !== "user" && role !== "assistant") return `messages: Unexpected role "${String(role)}".`;
    if (at > 0 && messages[at - 1]?.["role"] === role)
      return 'messages: roles must alternate between "user" and "assistant", but found multiple in a row';
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content);
    if (blocks.length === 0) return `messages.${at}: all messages must have non-empty content`;
    if (blocks.some(({ type, text }) => type === "text" && String(text).trim() === ""))
      return `messages.${at}: text content blocks must contain non-whitespace text`;
    const answered = blocks
      .filter(({ type }) => type === "tool_result")
      .map((block) => String(block["tool_use_id"]));
    const missing = open.filter((id) => !answered.includes(id));
    if (missing.length > 0)
      return `messages.${at - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(", ")}`;
    const foreign = answered.find((id) => !open.includes(id));
    if (foreign !== undefined)
      return `messages.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${foreign}`;
    if (blocks.some(({ type }, index) => type === "tool_result" && index >= answered.length))
      return `messages.${at}: \`tool_result\` blocks must come first`;
    if (
      blocks.some((block) => block["type"] === "thinking" && !String(block["signature"]).startsWith("sig-"))
    )
      return `messages.${at}: Invalid \`signature\` in \`thinking\` block`;
    open = blocks.filter(({ type }) => type === "tool_use").map((block) => String(block["id"]));
  }
  return open.length > 0 ? `messages: \`tool_use\` ids were found without \`tool_result\` blocks` : null;
}

function openObject(schema: JsonObject): boolean {
  const isOpen = schema["type"] === "object" && schema["additionalProperties"] !== false;
  const below = Object.values(asObject(schema["properties"])).map((value) => asObject(value));
  return (
    isOpen ||
    [...below, asObject(schema["items"])].some((inner) => inner["type"] !== undefined && openObject(inner))
  );
}

/** In the words that tests know. */
function askedOf(body: JsonObject): Asked {
  const system = typeof body["system"] === "string" ? [{ text: body["system"] }] : listOf(body["system"]);
  const format = asObject(asObject(body["output_config"])["format"]);
  return {
    model: String(body["model"]),
    streams: body["stream"] === true,
    messages: [
      ...system.map(({ text }) => ({ role: "system", content: text })),
      ...listOf(body["messages"]).flatMap(({ role, content }) => {
        const blocks = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content);
        const results = blocks.filter(({ type }) => type === "tool_result");
        const uses = blocks.filter(({ type }) => type === "tool_use");
        const words = blocks.flatMap((block) => (block["type"] === "text" ? [String(block["text"])] : []));
        return [
          ...results.map((block) => ({
            role: "tool",
            tool_call_id: String(block["tool_use_id"]),
            content:
              typeof block["content"] === "string" ? block["content"] : listOf(block["content"])[0]?.["text"],
          })),
          ...(words.length + uses.length === 0
            ? []
            : [
                {
                  role: String(role),
                  content: words.join(""),
                  ...(uses.length === 0
                    ? {}
                    : {
                        tool_calls: uses.map(({ id, name }) => ({
                          id: String(id),
                          function: { name: String(name) },
                        })),
                      }),
                },
              ]),
        ];
      }),
    ],
    tools: listOf(body["tools"]).map(({ name }) => ({ function: { name: String(name) } })),
    ...("schema" in format ? { response_format: format } : {}),
  };
}
