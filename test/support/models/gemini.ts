import type { JsonObject } from "../../../src/core/json.ts";
import { asObject, listOf } from "./openai.ts";
import { type Asked, type Dialect, type Failure, type Said, sse, wordsOf } from "./server.ts";

const PATH = /^\/v1beta\/models\/([\w.-]+):(generateContent|streamGenerateContent\?alt=sse)$/;

/** Gemini's generateContent. */
export const gemini: Dialect = {
  path: "/v1beta",
  read({ path, headers, body }) {
    // A wrong key is a bad request to Gemini.
    if (!headers["x-goog-api-key"]) return { ok: false, ...failure("unauthorized") };
    const [, model, verb] = PATH.exec(path) ?? [];
    if (model === undefined || verb === undefined) return { ok: false, ...failure("not found") };
    const fault = faultOf(body);
    if (fault !== null) return { ok: false, status: 400, body: errorOf(400, "INVALID_ARGUMENT", fault) };
    return { ok: true, asked: askedOf(model, verb.startsWith("stream"), body) };
  },
  whole(said, asked, nth) {
    return answerOf(partsOf(said, nth), finishOf(said), asked);
  },
  pieces(said, asked, nth) {
    const parts = partsOf(said, nth).flatMap((part): readonly JsonObject[] =>
      typeof part["text"] === "string" && part["thought"] === undefined
        ? wordsOf(part["text"]).map((text) => ({ text }))
        : [part],
    );
    return [
      ...parts.map((part) => sse(answerOf([part], null, asked))),
      sse(answerOf([], finishOf(said), asked)),
    ];
  },
  failure,
  midway: sse(errorOf(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")),
};

function answerOf(parts: readonly JsonObject[], finish: string | null, { model }: Asked): JsonObject {
  return {
    candidates: [
      {
        index: 0,
        ...(parts.length > 0 ? { content: { role: "model", parts } } : {}),
        ...(finish === null ? {} : { finishReason: finish }),
      },
    ],
    usageMetadata: {
      promptTokenCount: 100,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 3,
      cachedContentTokenCount: 40,
      totalTokenCount: 110,
    },
    modelVersion: model,
  } as JsonObject;
}

function partsOf({ thought, text, calls = [] }: Said, nth: number): readonly JsonObject[] {
  return [
    ...(thought === undefined ? [] : [{ text: thought, thought: true }]),
    ...(text === undefined || text === "" ? [] : [{ text }]),
    ...calls.map(([name, args], index) => ({
      functionCall: { name, args: typeof args === "string" ? {} : args },
      // The first call of a turn carries what the model thought.
      ...(index === 0 ? { thoughtSignature: `sig-${nth}` } : {}),
    })),
  ];
}

function finishOf({ finish }: Said): string {
  if (finish === "refused") return "SAFETY";
  return finish === "length" ? "MAX_TOKENS" : "STOP";
}

function errorOf(
  code: number,
  status: string,
  message: string,
  details: readonly JsonObject[] = [],
): JsonObject {
  return { error: { code, message, status, ...(details.length > 0 ? { details } : {}) } };
}

const OVER =
  "You exceeded your current quota, please check your plan and billing details. For more information head to the docs.";

function quotaFailure(quotaId: string): JsonObject {
  return { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId }] };
}

const FAILURES: Readonly<Record<Failure, readonly [number, string, string, ...JsonObject[]]>> = {
  "rate limit": [
    429,
    "RESOURCE_EXHAUSTED",
    OVER,
    quotaFailure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7s" },
  ],
  quota: [
    429,
    "RESOURCE_EXHAUSTED",
    OVER,
    quotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7s" },
  ],
  unavailable: [500, "INTERNAL", "An internal error has occurred."],
  overloaded: [503, "UNAVAILABLE", "The model is overloaded. Please try again later."],
  timeout: [504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."],
  conflict: [409, "ABORTED", "The operation was aborted."],
  unauthorized: [
    400,
    "INVALID_ARGUMENT",
    "API key not valid. Please pass a valid API key.",
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" },
  ],
  forbidden: [403, "PERMISSION_DENIED", "Permission denied on resource project."],
  "not found": [404, "NOT_FOUND", "models/gemini-0 is not found for API version v1beta."],
  "bad request": [400, "INVALID_ARGUMENT", "Request contains an invalid argument."],
  "prompt too long": [
    400,
    "INVALID_ARGUMENT",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
  ],
};

function failure(name: Failure) {
  const [status, code, message, ...details] = FAILURES[name];
  return { status, body: errorOf(status, code, message, details) };
}

const KNOWN = new Set(
  "contents systemInstruction tools toolConfig generationConfig safetySettings cachedContent labels serviceTier".split(
    " ",
  ),
);

function faultOf(body: JsonObject): string | null {
  for (const key of Object.keys(body))
    if (!KNOWN.has(key)) return `Invalid JSON payload received. Unknown name "${key}": Cannot find field.`;
  const declared = listOf(body["tools"]).flatMap((tool) => listOf(tool["functionDeclarations"]));
  for (const { name, parameters } of declared) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(String(name)))
      return `Invalid function name ${String(name)}: must start with a letter or an underscore.`;
    const odd = Object.keys(asObject(parameters)).find((key) =>
      ["$schema", "additionalProperties", "oneOf"].includes(key),
    );
    if (odd !== undefined)
      return `Invalid JSON payload received. Unknown name "${odd}" at 'tools[0].function_declarations[0].parameters': Cannot find field.`;
  }
  const config = asObject(body["generationConfig"]);
  if (declared.length > 0 && config["responseMimeType"] === "application/json")
    return "Function calling with a response mime type: 'application/json' is unsupported";
  return conversationFault(listOf(body["contents"]));
}

function conversationFault(contents: readonly JsonObject[]): string | null {
  if (contents.length === 0) return "* GenerateContentRequest.contents: contents is not specified";
  let open = 0;
  for (const [at, { role, parts }] of contents.entries()) {
    if (role !== "user" && role !== "model") return "Please use a valid role: user, model.";
    const said = listOf(parts);
    if (said.length === 0)
      return `* GenerateContentRequest.contents[${at}].parts: contents.parts must not be empty.`;
    const calls = said.filter((part) => part["functionCall"] !== undefined);
    const answers = said.filter((part) => part["functionResponse"] !== undefined);
    if (answers.length !== open)
      return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.";
    if (calls.length > 0 && contents[at - 1]?.["role"] !== "user")
      return "Please ensure that function call turn comes immediately after a user turn or after a function response turn.";
    if (calls.length > 0 && !String(calls[0]?.["thoughtSignature"]).startsWith("sig-"))
      return "Function call is missing a thought_signature in functionCall parts.";
    open = calls.length;
  }
  return open > 0
    ? "Please ensure that function response turn comes immediately after a function call turn."
    : null;
}

/** In the words that tests know. A call has no id of its own here: the order tells. */
function askedOf(model: string, streams: boolean, body: JsonObject): Asked {
  const config = asObject(body["generationConfig"]);
  return {
    model,
    streams,
    messages: [
      ...listOf(asObject(body["systemInstruction"])["parts"]).map(({ text }) => ({
        role: "system",
        content: text,
      })),
      ...listOf(body["contents"]).flatMap(({ role, parts }) => {
        const said = listOf(parts);
        const calls = said.flatMap((part) =>
          "functionCall" in part ? [asObject(part["functionCall"])] : [],
        );
        const answers = said.flatMap((part) =>
          "functionResponse" in part ? [asObject(part["functionResponse"])] : [],
        );
        const words = said.flatMap((part) =>
          typeof part["text"] === "string" && part["thought"] !== true ? [part["text"]] : [],
        );
        return [
          ...answers.map(({ name, response }) => ({
            role: "tool",
            tool_call_id: String(name),
            content: asObject(response)["content"] ?? asObject(response)["error"],
          })),
          ...(words.length + calls.length === 0
            ? []
            : [
                {
                  role: role === "model" ? "assistant" : String(role),
                  content: words.join(""),
                  ...(calls.length === 0
                    ? {}
                    : {
                        tool_calls: calls.map(({ name }) => ({
                          id: String(name),
                          function: { name: String(name) },
                        })),
                      }),
                },
              ]),
        ];
      }),
    ],
    tools: listOf(body["tools"])
      .flatMap((tool) => listOf(tool["functionDeclarations"]))
      .map(({ name }) => ({ function: { name: String(name) } })),
    ...("responseJsonSchema" in config || "responseSchema" in config
      ? { response_format: { schema: config["responseJsonSchema"] ?? config["responseSchema"] ?? null } }
      : {}),
  };
}
