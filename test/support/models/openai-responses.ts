import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { asObject, errorOf, failure, functionFault, halves, listOf, USAGE } from "./openai.ts";
import { type Asked, type Dialect, type Said, sse, wordsOf } from "./server.ts";

/** OpenAI's responses: how its own models are spoken to at its own address. */
export const openaiResponses: Dialect = {
  path: "/v1",
  read({ path, headers, body }) {
    if (!/^Bearer \S+$/.test(headers.authorization ?? "")) return { ok: false, ...failure("unauthorized") };
    const fault = faultOf(path, body);
    if (fault !== null)
      return { ok: false, status: 400, body: errorOf("invalid_request_error", null, fault) };
    return { ok: true, asked: askedOf(body) };
  },
  whole: (said, asked, nth) => responseOf(said, asked, nth),
  pieces(said, asked, nth) {
    let sequence = 0;
    const event = (type: string, data: JsonObject) =>
      sse({ type, sequence_number: sequence++, ...data }, type);
    const response = responseOf(said, asked, nth);
    const begun = { ...response, status: "in_progress", output: [], usage: null, incomplete_details: null };
    return [
      event("response.created", { response: begun }),
      event("response.in_progress", { response: begun }),
      ...listOf(response["output"]).flatMap((item, output_index) => {
        const at = { output_index, item_id: item["id"] ?? "" };
        const added = (change: JsonObject) =>
          event("response.output_item.added", { output_index, item: { ...item, ...change } });
        const done = event("response.output_item.done", { output_index, item });
        switch (item["type"]) {
          case "reasoning": {
            const { text = "" } = listOf(item["summary"])[0] ?? {};
            const part = { ...at, summary_index: 0 };
            const summary = { type: "summary_text", text: "" };
            return [
              added({ summary: [], encrypted_content: "" }),
              event("response.reasoning_summary_part.added", { ...part, part: summary }),
              event("response.reasoning_summary_text.delta", { ...part, delta: text }),
              event("response.reasoning_summary_part.done", { ...part, part: { ...summary, text } }),
              done,
            ];
          }
          case "function_call":
            return [
              added({ status: "in_progress", arguments: "" }),
              ...halves(String(item["arguments"])).map((delta) =>
                event("response.function_call_arguments.delta", { ...at, delta }),
              ),
              event("response.function_call_arguments.done", { ...at, arguments: item["arguments"] ?? "" }),
              done,
            ];
          default:
            return [
              added({ status: "in_progress", content: [] }),
              ...wordsOf(said.text ?? "").map((delta) =>
                event("response.output_text.delta", { ...at, content_index: 0, delta }),
              ),
              done,
            ];
        }
      }),
      event(response["status"] === "completed" ? "response.completed" : "response.incomplete", { response }),
    ];
  },
  failure,
  midway: sse(
    {
      type: "error",
      sequence_number: 9,
      code: "server_error",
      message: "The server is overloaded or not ready yet.",
      param: null,
    },
    "error",
  ),
};

function responseOf(said: Said, { model }: Asked, nth: number): JsonObject {
  const { thought, text, calls = [], finish } = said;
  const message = {
    type: "message",
    id: `msg_${nth}`,
    role: "assistant",
    status: "completed",
    content: [{ type: "output_text", text: text ?? "", annotations: [] }],
  };
  return {
    id: `resp_${nth}`,
    object: "response",
    created_at: 1_700_000_000,
    model,
    // A complete answer gives no reason for its end.
    status: finish === undefined || finish === "stop" ? "completed" : "incomplete",
    error: null,
    incomplete_details:
      finish === "length"
        ? { reason: "max_output_tokens" }
        : finish === "refused"
          ? { reason: "content_filter" }
          : null,
    output: [
      ...(thought === undefined
        ? []
        : [
            {
              type: "reasoning",
              id: `rs_${nth}`,
              encrypted_content: `sealed-${nth}`,
              summary: [{ type: "summary_text", text: thought }],
            },
          ]),
      ...(text === undefined ? [] : [message]),
      ...calls.map(([name, args], index) => ({
        type: "function_call",
        id: `fc_${nth}_${index}`,
        call_id: `call_${nth}_${index}`,
        name,
        arguments: typeof args === "string" ? args : JSON.stringify(args),
        status: "completed",
      })),
    ],
    usage: {
      input_tokens: USAGE.prompt_tokens,
      input_tokens_details: { cached_tokens: 40 },
      output_tokens: USAGE.completion_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: USAGE.total_tokens,
    },
  };
}

const KNOWN = new Set(
  "model input tools tool_choice text store include stream temperature top_p max_output_tokens reasoning".split(
    " ",
  ),
);

function faultOf(path: string, body: JsonObject): string | null {
  if (path !== "/v1/responses") return `Unknown request URL: POST ${path}`;
  for (const key of Object.keys(body)) if (!KNOWN.has(key)) return `Unknown parameter: '${key}'.`;
  const thinks = /^(?:o\d|gpt-5)/.test(String(body["model"]));
  const include: readonly JsonValue[] = Array.isArray(body["include"]) ? body["include"] : [];
  if (include.includes("reasoning.encrypted_content") && !thinks)
    return "Encrypted content is not supported with this model.";
  if (thinks && body["temperature"] !== undefined)
    return "Unsupported parameter: 'temperature' is not supported with this model.";
  for (const tool of listOf(body["tools"])) {
    const fault = functionFault(tool);
    if (fault !== null) return fault;
    // Left out it means true here: then fields that may be missing may not.
    if (tool["strict"] !== false) return `Function '${String(tool["name"])}' would be strict.`;
  }
  const format = asObject(asObject(body["text"])["format"]);
  if (format["type"] === "json_schema" && format["strict"] !== false)
    return "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false.";
  return inputFault(listOf(body["input"]));
}

/** Nothing is kept at the provider, so everything has to be said again. */
function inputFault(input: readonly JsonObject[]): string | null {
  if (input.length === 0) return "One of 'input' must be provided.";
  const called = new Set(
    input.filter(({ type }) => type === "function_call").map(({ call_id: id }) => String(id)),
  );
  const answered = new Set<string>();
  for (const [at, item] of input.entries()) {
    const { type, call_id: id } = item;
    if (type === "item_reference")
      return `Item with id '${String(item["id"])}' not found. Items are not persisted when \`store\` is set to false.`;
    if (type === "reasoning" && !String(item["encrypted_content"]).startsWith("sealed-"))
      return `Item with id '${String(item["id"])}' not found. Items are not persisted when \`store\` is set to false.`;
    if (type === "reasoning" && at === input.length - 1)
      return `Item '${String(item["id"])}' of type 'reasoning' was provided without its required following item.`;
    if (type !== "function_call_output") continue;
    if (!called.has(String(id)))
      return `No tool call found for function call output with call_id ${String(id)}.`;
    answered.add(String(id));
  }
  const open = [...called].find((id) => !answered.has(id));
  return open === undefined ? null : `No tool output found for function call ${open}.`;
}

/** In the words that tests know: what the model said and called at once is one message. */
function askedOf(body: JsonObject): Asked {
  const messages: {
    role: string;
    content: unknown;
    tool_calls?: { id: string; function: { name: string } }[];
    tool_call_id?: string;
  }[] = [];
  for (const item of listOf(body["input"])) {
    const last = messages.at(-1);
    switch (item["type"]) {
      case "reasoning":
        break;
      case "function_call": {
        const call = { id: String(item["call_id"]), function: { name: String(item["name"]) } };
        if (last?.role === "assistant") last.tool_calls = [...(last.tool_calls ?? []), call];
        else messages.push({ role: "assistant", content: "", tool_calls: [call] });
        break;
      }
      case "function_call_output":
        messages.push({ role: "tool", tool_call_id: String(item["call_id"]), content: item["output"] });
        break;
      default:
        messages.push({
          role: item["role"] === "developer" ? "system" : String(item["role"]),
          content:
            typeof item["content"] === "string"
              ? item["content"]
              : listOf(item["content"])
                  .map(({ text }) => text)
                  .join(""),
        });
    }
  }
  const format = asObject(asObject(body["text"])["format"]);
  return {
    model: String(body["model"]),
    streams: body["stream"] === true,
    messages,
    tools: listOf(body["tools"]).map(({ name }) => ({ function: { name: String(name) } })),
    ...("schema" in format ? { response_format: format } : {}),
  };
}
