import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { AiConfig, Provider } from "../../../src/adapters/agents/model-name.ts";
import { createModels } from "../../../src/adapters/agents/models.ts";
import { agent as agentOf, keepingLog, loading, request } from "../../../src/adapters/agents/test-agents.ts";
import { DEFAULT_RULES } from "../../../src/core/agent/rules.ts";
import type { AgentDefinition } from "../../../src/core/definition/agent.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import type { AgentProgress } from "../../../src/engine/ports/agents.ts";
import { createTestRunner } from "../../support/agent-runner.ts";
import { memoryAgents } from "../../support/memory-agents.ts";
import { memoryTools, says } from "../../support/memory-tools.ts";
import { anthropic } from "../../support/models/anthropic.ts";
import { compatible } from "../../support/models/compatible.ts";
import { gemini } from "../../support/models/gemini.ts";
import { openai } from "../../support/models/openai.ts";
import { openaiResponses } from "../../support/models/openai-responses.ts";
import {
  type Dialect,
  type Failure,
  type ModelServer,
  type Reaction,
  sse,
  startModelServer,
} from "../../support/models/server.ts";

const never = new AbortController().signal;
const clock = { now: () => 1_000_000, random: () => 0 };
const NO_KEYS = {
  STATION_AI_API_KEY: null,
  OPENAI_API_KEY: null,
  ANTHROPIC_API_KEY: null,
  GEMINI_API_KEY: null,
};

function config(change: Partial<AiConfig> = {}): AiConfig {
  return {
    override: null,
    provider: null,
    model: null,
    keys: {
      STATION_AI_API_KEY: "key",
      OPENAI_API_KEY: "sk-test",
      ANTHROPIC_API_KEY: "sk-ant-test",
      GEMINI_API_KEY: "AIza-test",
    },
    baseUrl: null,
    baseUrls: {},
    streams: true,
    prices: Object.fromEntries(
      ["gpt-4o-mini", "gpt-5-mini", "claude-haiku-4-5", "gemini-2.5-flash"].map((name) => [
        name,
        { input: 1, output: 10 },
      ]),
    ),
    ...change,
  };
}

/** As servers write it and OpenAI does not take it: with a choice at its top, and a list of nobody knows what. */
const either: JsonObject = {
  type: "object",
  anyOf: [{ properties: { pod: { type: "string" } }, required: ["pod"] }, { required: ["node"] }],
  properties: { node: { type: "string" }, labels: { type: ["array", "null"] } },
};

function station(ai: AiConfig, change: Partial<AgentDefinition>) {
  const agents = memoryAgents();
  const { source, calls } = memoryTools({
    look: { does: () => says("3 pods") },
    either: { inputSchema: either, does: () => says("it is there") },
  });
  const slept: number[] = [];
  const told: AgentProgress[] = [];
  const runner = createTestRunner({
    load: loading(agentOf("a", { body: "{{userInput}}", ...change })),
    models: createModels(ai, clock),
    tools: source,
    store: agents.store,
    clock,
    log: keepingLog(),
    onProgress: (progress) => told.push(progress),
    sleep: async (ms) => {
      slept.push(ms);
    },
  });
  return {
    calls,
    slept,
    told,
    runs: agents.runs,
    list: () => runner.list("default"),
    run: (signal = never) => runner.run(request("a", { task: "look" }), signal),
  };
}

const OPENAI = "https://api.openai.com/v1";

/** What is sent to a provider's own address goes to a test's server. */
function redirect(from: string, to: string): void {
  const real = fetch;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => real(url.replace(from, to), init));
}

type Wire = {
  readonly provider: Provider;
  readonly model: string;
  readonly dialect: Dialect;
  /** Only spoken at this address. */
  readonly at?: string;
};

const WIRES: readonly (readonly [string, Wire])[] = [
  ["OpenAI", { provider: "openai", model: "gpt-5-mini", dialect: openaiResponses, at: OPENAI }],
  ["OpenAI behind a gateway", { provider: "openai", model: "gpt-4o-mini", dialect: openai }],
  ["Anthropic", { provider: "anthropic", model: "claude-haiku-4-5", dialect: anthropic }],
  ["Gemini", { provider: "google", model: "gemini-2.5-flash", dialect: gemini }],
];

describe.each(WIRES)("a model of %s on the wire", (_name, { provider, model, dialect, at }) => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await startModelServer(dialect, () => ({ text: "hello" }));
    if (at !== undefined) redirect(at, server.url);
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await server.close();
  });
  beforeEach(() => {
    server.asked.length = 0;
    server.refused.length = 0;
    server.aborted.count = 0;
  });
  const given = (change: Partial<AgentDefinition> = {}, ai: Partial<AiConfig> = {}) =>
    station(config({ baseUrls: at === undefined ? { [provider]: server.url } : {}, ...ai }), {
      model,
      ...change,
    });

  describe.each([
    ["piece by piece", true],
    ["as a whole", false],
  ])("that answers %s", (_how, streams) => {
    test("is told prompt and tools, and its calls and answer come back", async () => {
      server.react((_, nth) =>
        nth === 1
          ? {
              thought: "let me see",
              text: "I look.",
              calls: [
                ["look", { at: 1 }],
                ["look", { at: 2 }],
              ],
            }
          : { text: "all is done" },
      );
      const body = '{{role "system"}}You look after pods.{{role "user"}}{{userInput}}';
      const { run, calls, runs } = given({ tools: ["look"], body }, { streams });
      expect(await run()).toEqual({ status: "completed", output: "all is done", simulated: false });
      expect(server.refused).toEqual([]);
      expect(calls.map(({ args }) => args)).toEqual([{ at: 1 }, { at: 2 }]);
      expect(server.asked.map((asked) => asked.streams)).toEqual([streams, streams]);
      expect(server.asked[0]).toMatchObject({
        model,
        messages: [
          { role: "system", content: "You look after pods." },
          { role: "user", content: "look" },
        ],
        tools: [{ function: { name: "look" } }],
      });
      const ids = server.asked[1]?.messages[2]?.tool_calls?.map(({ id }) => id) ?? [];
      expect(server.asked[1]?.messages.slice(2)).toMatchObject([
        { role: "assistant", content: "I look.", tool_calls: [{ id: ids[0] }, { id: ids[1] }] },
        { role: "tool", tool_call_id: ids[0], content: "3 pods" },
        { role: "tool", tool_call_id: ids[1], content: "3 pods" },
      ]);
      const cached = dialect === openai ? 0 : 40;
      expect(runs.get("ar_1")?.turns[0]?.reply).toMatchObject({
        text: "I look.",
        finish: "tool-calls",
        usage: { inputTokens: 100, outputTokens: 10, cachedTokens: cached, costUsd: expect.closeTo(0.0002) },
      });
    });

    test("is told the output schema, in a form that it takes", async () => {
      server.react(() => ({ text: '{"n": 1, "pods": []}' }));
      const { run } = given(
        {
          outputSchema: {
            type: "object",
            properties: {
              n: { type: "number" },
              pods: { type: "array", items: { type: "object", properties: { name: { type: "string" } } } },
            },
          },
        },
        { streams },
      );
      expect(await run()).toMatchObject({ output: { n: 1, pods: [] } });
      expect(server.refused).toEqual([]);
      expect(JSON.stringify(server.asked[0]?.response_format)).toContain("pods");
    });

    test("may have tools and an output schema", async () => {
      server.react((_, nth) => (nth === 1 ? { calls: [["look", {}]] } : { text: '{"n": 3}' }));
      const outputSchema = { type: "object", properties: { n: { type: "number" } }, required: ["n"] };
      const { run } = given({ tools: ["look"], outputSchema }, { streams });
      expect(await run()).toMatchObject({ status: "completed", output: { n: 3 } });
      expect(server.refused).toEqual([]);
    });

    test("repairs an answer that breaks the schema, in one turn", async () => {
      server.react((_, nth) => ({ text: nth === 1 ? "It is one." : '```json\n{"n": 1}\n```' }));
      const { run } = given({ outputSchema: { type: "object", required: ["n"] } }, { streams });
      expect(await run()).toEqual({ status: "completed", output: { n: 1 }, simulated: false });
      expect(server.refused).toEqual([]);
      expect(server.asked[1]?.messages.at(-1)).toMatchObject({
        role: "user",
        content: expect.stringContaining("does not match the required JSON Schema"),
      });
    });

    test("that refuses is not asked again", async () => {
      server.react(() => ({ text: "I can", finish: "refused" }));
      const { run } = given({}, { streams });
      expect(await run()).toMatchObject({
        status: "failed",
        error: { code: "llm_content_filter", retryable: false },
      });
      expect(server.asked).toHaveLength(1);
    });

    test("that was cut off says so", async () => {
      server.react(() => ({ text: "I was about to", finish: "length" }));
      const { run, runs } = given({}, { streams });
      expect(await run()).toMatchObject({ output: "I was about to" });
      expect(runs.get("ar_1")?.turns[0]?.reply.finish).toBe("length");
    });

    test("that was cut off in a call is told so: the call is not made", async () => {
      server.react((_, nth) =>
        nth === 1
          ? {
              calls: [
                ["look", { at: 1 }],
                ["look", {}],
              ],
              finish: "length",
            }
          : { text: "sorry" },
      );
      const { run, calls } = given({ tools: ["look"] }, { streams });
      expect(await run()).toMatchObject({ status: "completed", output: "sorry" });
      expect(calls.map(({ args }) => args)).toEqual([{ at: 1 }]);
      expect(server.asked[1]?.messages.at(-1)?.content).toContain("The call was not made");
    });

    test.each(FAILURES)("%s", async (name, code, retryable, tries) => {
      server.react(() => ({ fails: name }));
      const { run, runs } = given({}, { streams });
      expect(await run()).toMatchObject({
        status: "failed",
        error: { type: "agent_error", code, retryable },
      });
      expect(server.asked).toHaveLength(tries);
      expect(runs.get("ar_1")?.status).toMatchObject({ status: "failed" });
    });

    test.each(NO_ANSWERS)("%s", async (_name, reaction, code) => {
      server.react(() => reaction);
      const { run } = given({}, { streams });
      expect(await run()).toMatchObject({ status: "failed", error: { code, retryable: true } });
      expect(server.asked).toHaveLength(3);
    });
  });

  test("is told what every tool takes, however its server writes it", async () => {
    server.react((_, nth) =>
      nth === 1
        ? {
            calls: [
              ["either", { pod: "a" }],
              ["either", {}],
            ],
          }
        : { text: "done" },
    );
    const { run, calls } = given({ tools: ["look", "either"] });
    expect(await run()).toMatchObject({ status: "completed", output: "done" });
    expect(server.refused).toEqual([]);
    expect(calls.map(({ args }) => args)).toEqual([{ pod: "a" }]);
    expect(server.asked[1]?.messages.at(-1)?.content).toContain("do not match the tool's schema");
  });

  test.each(["", "\n\n"])("may say nothing at all (%j), and is asked again", async (nothing) => {
    server.react((_, nth) => (nth === 1 ? { text: nothing } : { text: '{"n": 1}' }));
    const { run } = given({ outputSchema: { type: "object", required: ["n"] } });
    expect(await run()).toMatchObject({ status: "completed", output: { n: 1 } });
    expect(server.refused).toEqual([]);
  });

  test("is told a system message first, and asked by somebody, whatever the author wrote", async () => {
    const late = given({ body: '{{role "user"}}{{userInput}}{{role "system"}}Be brief.' });
    expect(await late.run()).toMatchObject({ status: "completed" });
    expect(server.asked[0]?.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    const alone = given({ body: '{{role "system"}}Do it{{#if userInput}}.{{/if}}' });
    expect(await alone.run()).toMatchObject({ status: "completed" });
    expect(server.asked[1]?.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(server.refused).toEqual([]);
  });

  test("is told of a call that failed, and of an answer without a word", async () => {
    server.react((_, nth) => (nth === 1 ? { calls: [["nothing", {}]] } : { text: "sorry" }));
    expect(await given({ tools: ["look"] }).run()).toMatchObject({ output: "sorry" });
    expect(server.refused).toEqual([]);
    expect(server.asked[1]?.messages.at(-1)).toMatchObject({
      role: "tool",
      content: expect.stringContaining("There is no tool"),
    });
  });

  test("hears of a cancel at once", async () => {
    server.react(() => ({ hangs: true }));
    const abort = new AbortController();
    const running = given().run(abort.signal);
    await expect.poll(() => server.asked.length).toBe(1);
    abort.abort();
    expect(await running).toMatchObject({ status: "failed", error: { type: "cancelled" } });
    await expect.poll(() => server.aborted.count).toBe(1);
  });

  test("hears of a cancel in the middle of its answer", async () => {
    server.react(() => ({ text: "one two three four", holds: new Promise(() => {}) }));
    const abort = new AbortController();
    const { run, told } = given();
    const running = run(abort.signal);
    await expect.poll(() => told.some(({ type }) => type === "agent.text")).toBe(true);
    abort.abort();
    expect(await running).toMatchObject({ status: "failed", error: { type: "cancelled" } });
    await expect.poll(() => server.aborted.count).toBe(1);
  });

  test("is heard before its answer is complete", async () => {
    const hold = Promise.withResolvers<void>();
    server.react(() => ({ text: "one two three four", holds: hold.promise }));
    const { run, told } = given();
    const running = run();
    await expect.poll(() => told.some(({ type }) => type === "agent.text")).toBe(true);
    hold.resolve();
    expect(await running).toMatchObject({ output: "one two three four" });
  });

  test.each([
    ["closes", "llm_bad_response"],
    ["drops", "llm_network"],
    ["overloaded", "llm_unavailable"],
  ] as const)("that breaks off its answer (%s) is asked again", async (breaksOff, code) => {
    server.react((_, nth) => (nth === 1 ? { text: "one two three", breaksOff } : { text: "one two three" }));
    const { run, runs } = given();
    expect(await run()).toMatchObject({ output: "one two three" });
    expect(runs.get("ar_1")?.turns[0]?.tries).toBe(2);
    server.react(() => ({ text: "one two three", breaksOff }));
    expect(await given().run()).toMatchObject({ status: "failed", error: { code, retryable: true } });
  });

  test("that fails only for a moment is not noticed", async () => {
    server.react((_, nth) => (nth < 3 ? { fails: "overloaded" } : { text: "back" }));
    const { run, runs } = given();
    expect(await run()).toMatchObject({ output: "back" });
    expect(runs.get("ar_1")?.turns[0]?.tries).toBe(3);
  });

  test("is given the time it asks for, if that is a minute at most", async () => {
    server.react((_, nth) =>
      nth === 1 ? { fails: "rate limit", headers: { "retry-after": "7" } } : { text: "back" },
    );
    const { run, slept } = given();
    expect(await run()).toMatchObject({ output: "back" });
    expect(slept).toEqual([7000]);
  });

  test.each([
    ["90", 90],
    ["1e300", 86_400],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 86_400],
  ])("and wants longer (%s) makes the step wait instead, at most for a day", async (wanted, waits) => {
    server.react(() => ({ fails: "rate limit", headers: { "retry-after": wanted } }));
    const { run, slept } = given();
    expect(await run()).toMatchObject({ error: { code: "llm_rate_limit", retryAfterSeconds: waits } });
    expect(slept).toEqual([]);
  });
});

/** What a provider says went wrong, and what becomes of it. */
const FAILURES: readonly (readonly [Failure, code: string, retryable: boolean, tries: number])[] = [
  ["rate limit", "llm_rate_limit", true, 3],
  ["quota", "llm_quota", false, 1],
  ["unavailable", "llm_unavailable", true, 3],
  ["overloaded", "llm_unavailable", true, 3],
  ["timeout", "llm_unavailable", true, 3],
  ["conflict", "llm_unavailable", true, 3],
  ["unauthorized", "llm_auth", false, 1],
  ["forbidden", "llm_auth", false, 1],
  ["not found", "llm_model_not_found", false, 1],
  ["bad request", "llm_bad_request", false, 1],
  ["prompt too long", "llm_context_length", false, 1],
];

/** What is no provider's word. */
const NO_ANSWERS: readonly (readonly [string, Reaction, code: string])[] = [
  ["503 with a page", { status: 503, body: "<html>away</html>" }, "llm_unavailable"],
  ["a cut connection", { drops: true }, "llm_network"],
  ["200 with a page", { status: 200, body: "<html>proxy</html>" }, "llm_bad_response"],
  ["200 with nothing", { status: 200, body: "" }, "llm_bad_response"],
];

describe("what only one provider does", () => {
  let server: ModelServer;
  const serve = async (dialect: Dialect, reaction: (nth: number) => Reaction) => {
    server = await startModelServer(dialect, (_, nth) => reaction(nth));
    return server;
  };

  test("OpenAI is not asked for the sealed thoughts of a model that has none", async () => {
    const { url } = await serve(openaiResponses, () => ({ text: "hello" }));
    redirect(OPENAI, url);
    const { run } = station(config(), { model: "gpt-4o-mini" });
    expect(await run()).toMatchObject({ status: "completed", output: "hello" });
    vi.unstubAllGlobals();
    await server.close();
  });

  test("OpenAI is never told a schema in its strict form", async () => {
    const { url } = await serve(openai, () => ({ text: "{}" }));
    const { run } = station(config({ baseUrls: { openai: url } }), {
      model: "gpt-4o-mini",
      outputSchema: { type: "object", properties: { n: { type: "number" } } },
    });
    expect(await run()).toMatchObject({ output: {} });
    expect(server.asked[0]?.response_format).toMatchObject({ json_schema: { strict: false } });
    await server.close();
  });

  test.each(["{broken", "[1]", `{"at": ${"[".repeat(20_000)}${"]".repeat(20_000)}}`])(
    "a call whose arguments nobody can use is answered with that: %.9s",
    async (args) => {
      const { url } = await serve(openai, (nth) =>
        nth === 1 ? { calls: [["look", args]] } : { text: "sorry" },
      );
      const { run, calls } = station(config({ baseUrls: { openai: url } }), {
        model: "gpt-4o-mini",
        tools: ["look"],
      });
      expect(await run()).toMatchObject({ status: "completed", output: "sorry" });
      expect(calls).toEqual([]);
      expect(server.asked[1]?.messages.filter(({ role }) => role === "tool")).toHaveLength(1);
      await server.close();
    },
  );

  test("an older Claude is made to answer by a tool, and its answer is a text all the same", async () => {
    const { url } = await serve(anthropic, () => ({ text: '{"n": 1}' }));
    const { run } = station(config({ baseUrls: { anthropic: url } }), {
      model: "claude-3-haiku-20240307",
      outputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    });
    expect(await run()).toMatchObject({ status: "completed", output: { n: 1 } });
    expect(server.refused).toEqual([]);
    await server.close();
  });

  test.each([true, false])(
    "thoughts go back under the name that they came by (streams: %s)",
    async (streams) => {
      const { url } = await serve(compatible, (nth) =>
        nth === 1 ? { thought: "let me see", calls: [["look", { at: 1 }]] } : { text: "done" },
      );
      const { run } = station(config({ baseUrls: { compatible: url }, streams }), {
        model: "compatible/gpt-oss-120b",
        tools: ["look"],
      });
      expect(await run()).toMatchObject({ status: "completed", output: "done" });
      expect(server.refused).toEqual([]);
      expect(server.asked[1]?.messages).toMatchObject([
        { role: "user" },
        { role: "assistant", reasoning: "let me see", tool_calls: [{}] },
        { role: "tool" },
      ]);
      await server.close();
    },
  );

  test.each([true, false])(
    "a server that takes no format of answers is told the schema in words alone (streams: %s)",
    async (streams) => {
      const { url } = await serve(compatible, () => ({ text: '{"n": 1}' }));
      const { run } = station(config({ baseUrls: { compatible: url }, streams }), {
        model: "compatible/qwen3",
        outputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
      });
      expect(await run()).toMatchObject({ status: "completed", output: { n: 1 } });
      expect(server.refused).toHaveLength(1);
      expect(server.asked).toMatchObject([
        { messages: [{ content: expect.stringContaining("JSON Schema") }, {}] },
      ]);
      await server.close();
    },
  );

  test.each([
    ['<think>\nIs it {one}?\n</think>\n\n{"n": 1}', { n: 1 }],
    ['Is it {one}?\n</think>\n\n{"n": 1}', { n: 1 }],
    ['It wrote <think> and </think>: {"n": 1}', { n: 1 }],
  ])("thoughts that a server leaves before an answer are none of it: %j", async (text, output) => {
    const { url } = await serve(openai, () => ({ text }));
    const { run, runs } = station(config({ baseUrls: { compatible: url } }), {
      model: "compatible/qwen3",
      outputSchema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] },
    });
    expect(await run()).toMatchObject({ status: "completed", output });
    expect(server.asked).toHaveLength(1);
    expect(runs.get("ar_1")?.turns[0]?.reply.text).toBe(text.startsWith("It") ? text : '{"n": 1}');
    await server.close();
  });

  test("a server that cannot answer piece by piece is met with what to do about it", async () => {
    const message = { role: "assistant", content: "hello" };
    const body = { choices: [{ index: 0, message, finish_reason: "stop" }] };
    const { url } = await serve(openai, () => ({ status: 200, body }));
    const { run } = station(config({ baseUrls: { compatible: url } }), { model: "compatible/llama" });
    expect(await run()).toMatchObject({
      status: "failed",
      error: { code: "llm_bad_response", message: expect.stringContaining("STATION_AI_STREAMING=off") },
    });
    await server.close();
  });

  test.each<readonly [string, streams: boolean, JsonObject | string, code: string, says: string]>([
    ["as a whole", false, { error: { message: "Upstream is busy", code: 429 } }, "llm_rate_limit", "is busy"],
    ["in a stream, as a text", true, sse({ error: "out of memory" }), "llm_unavailable", "out of memory"],
    [
      "in a stream, without a name",
      true,
      sse({ object: "error", message: "the engine died", type: "InternalServerError", code: 500 }),
      "llm_unavailable",
      "the engine died",
    ],
  ])("an error that comes with 200 is one: %s", async (_name, streams, body, code, says) => {
    const { url } = await serve(openai, () => ({ status: 200, body }));
    const { run } = station(config({ baseUrls: { compatible: url }, streams }), {
      model: "compatible/llama",
    });
    expect(await run()).toMatchObject({
      status: "failed",
      error: { code, retryable: true, message: expect.stringContaining(says) },
    });
    await server.close();
  });

  test.each<readonly [string, number, JsonObject | string, code: string, says: string]>([
    [
      "LM Studio: a text alone",
      400,
      { error: "Trying to keep the first 9000 tokens when the context length is only 4096." },
      "llm_context_length",
      "context length is only 4096",
    ],
    [
      "llama.cpp: a window that is full",
      400,
      { error: { code: 400, message: "the request exceeds the available context size, try increasing it" } },
      "llm_context_length",
      "available context size",
    ],
    [
      "vLLM: a window that is full",
      400,
      {
        object: "error",
        type: "BadRequestError",
        message: "The decoder prompt (length 9000) is longer than the maximum model length of 4096.",
      },
      "llm_context_length",
      "maximum model length",
    ],
    [
      "OpenRouter: nothing left to spend",
      402,
      { error: { code: 402, message: "Insufficient credits" } },
      "llm_quota",
      "Insufficient credits",
    ],
    ["a server: no such page", 404, "404 page not found", "llm_model_not_found", "mostly end in /v1"],
    ["FastAPI: a detail", 400, { detail: "No such adapter." }, "llm_bad_request", "No such adapter."],
  ])("what is wrong is told: %s", async (_name, status, body, code, says) => {
    const { url } = await serve(openai, () => ({ status, body }));
    const { run } = station(config({ baseUrls: { compatible: url } }), { model: "compatible/llama" });
    expect(await run()).toMatchObject({
      status: "failed",
      error: { code, retryable: false, message: expect.stringContaining(says) },
    });
    await server.close();
  });

  test("Gemini says how long to wait in its error", async () => {
    const { url } = await serve(gemini, (nth) => (nth === 1 ? { fails: "rate limit" } : { text: "back" }));
    const { run, slept } = station(config({ baseUrls: { google: url } }), { model: "gemini-2.5-flash" });
    expect(await run()).toMatchObject({ output: "back" });
    expect(slept).toEqual([7000]);
    await server.close();
  });

  test.each([
    ["MALFORMED_FUNCTION_CALL", true],
    ["MALFORMED_FUNCTION_CALL", false],
    ["UNEXPECTED_TOOL_CALL", false],
  ])("Gemini, whose answer came to nothing (%s), is asked again", async (finishReason, streams) => {
    const body = { candidates: [{ index: 0, finishReason }], usageMetadata: { promptTokenCount: 8 } };
    const { url } = await serve(gemini, (nth) =>
      nth === 2 ? { text: "three pods" } : { status: 200, body: streams ? sse(body) : body },
    );
    const ai = config({ baseUrls: { google: url }, streams });
    const { run } = station(ai, { model: "gemini-2.5-flash" });
    expect(await run()).toMatchObject({ status: "completed", output: "three pods" });
    expect(await station(ai, { model: "gemini-2.5-flash" }).run()).toMatchObject({
      status: "failed",
      error: { code: "llm_bad_response", retryable: true, message: expect.stringContaining(finishReason) },
    });
    await server.close();
  });

  test("Gemini refuses a prompt without an answer", async () => {
    const { url } = await serve(gemini, () => ({
      status: 200,
      body: { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: { promptTokenCount: 8 } },
    }));
    const { run } = station(config({ baseUrls: { google: url }, streams: false }), {
      model: "gemini-2.5-flash",
    });
    expect(await run()).toMatchObject({ status: "failed", error: { code: "llm_content_filter" } });
    await server.close();
  });
});

describe("which model", () => {
  let server: ModelServer;
  beforeAll(async () => {
    server = await startModelServer(openai, () => ({ text: "hello" }));
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.asked.length = 0;
  });

  test.each([
    ["gpt-4o", { keys: NO_KEYS }, "llm_auth", "OPENAI_API_KEY is not set"],
    ["claude-sonnet-4-5", { keys: NO_KEYS }, "llm_auth", "ANTHROPIC_API_KEY is not set"],
    ["google/gemini-2.5-flash", { keys: NO_KEYS }, "llm_auth", "GEMINI_API_KEY is not set"],
    ["vllm/llama", { baseUrl: null }, "no_model", "STATION_AI_BASE_URL is not set"],
    ["opnai/gpt-4o", {}, "unknown_provider", 'did you mean "openai"?'],
    ["mystery", {}, "unknown_provider", "set STATION_AI_PROVIDER"],
    ["", {}, "no_model", "set STATION_AI_MODEL"],
  ])("%j fails and says what is missing", async (model, change, code, message) => {
    const { run } = station(config({ baseUrl: server.url, ...change }), { model });
    expect(await run()).toMatchObject({
      status: "failed",
      error: { code, retryable: false, message: expect.stringContaining(message) },
    });
    expect(server.asked).toHaveLength(0);
  });

  test.each([
    ["gpt-4o", {}, "gpt-4o"],
    ["openai/gpt-4o", {}, "gpt-4o"],
    ["compatible/llama3", { keys: { ...NO_KEYS, STATION_AI_API_KEY: "key" } }, "llama3"],
    ["ollama/llama3.1:8b", { keys: { ...NO_KEYS, STATION_AI_API_KEY: "key" } }, "llama3.1:8b"],
    ["llama3", { provider: "openai-compatible", keys: { ...NO_KEYS, STATION_AI_API_KEY: "key" } }, "llama3"],
    [
      "meta-llama/Llama-3-8B",
      { provider: "openai-compatible", keys: { ...NO_KEYS, STATION_AI_API_KEY: "key" } },
      "meta-llama/Llama-3-8B",
    ],
    ["", { provider: "openai", model: "gpt-5-mini" }, "gpt-5-mini"],
    ["claude-sonnet-4-5", { override: "openai/gpt-4o-mini" }, "gpt-4o-mini"],
  ])("%j is asked for as the provider knows it", async (model, change, asked) => {
    const { run, runs } = station(config({ baseUrl: server.url, ...change }), { model });
    expect(await run()).toMatchObject({ output: "hello", simulated: false });
    expect(server.asked[0]?.model).toBe(asked);
    expect(runs.get("ar_1")?.turns[0]?.reply.usage.inputTokens).toBe(100);
  });

  test("an agent that may spend a sum needs a model whose price is known: it is said beforehand, and nothing is asked", async () => {
    const limited = (model: string) => ({
      model,
      rules: { ...DEFAULT_RULES, budget: { ...DEFAULT_RULES.budget, maxCostUsd: 0.5 } },
    });
    const ai = config({ baseUrl: server.url });
    const unpriced = station(ai, limited("gpt-4o"));
    expect(await unpriced.list()).toMatchObject([
      {
        problems: [
          { severity: "warning", message: expect.stringMatching(/0.5 US dollars.*openai\/gpt-4o"/) },
        ],
      },
    ]);
    expect(await unpriced.run()).toMatchObject({ error: { code: "cost_budget", retryable: false } });
    expect(server.asked).toHaveLength(0);
    const priced = station(ai, limited("gpt-4o-mini"));
    expect(await priced.list()).toMatchObject([{ problems: [] }]);
    expect(await priced.run()).toMatchObject({ output: "hello" });
  });
});

const REAL = [
  ["openai/gpt-4o-mini", "OPENAI_API_KEY"],
  ["anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY"],
  ["google/gemini-2.5-flash", "GEMINI_API_KEY"],
] as const;

describe("the real providers, where there is a key", () => {
  for (const [model, name] of REAL)
    for (const streams of [true, false])
      test.skipIf(!process.env[name])(
        `${model} calls a tool and answers as the schema says, ${streams ? "piece by piece" : "as a whole"}`,
        async () => {
          const keys = { ...NO_KEYS, [name]: process.env[name] ?? null };
          const { run, calls, told } = station(config({ keys, streams }), {
            model,
            tools: ["look"],
            body: '{{role "system"}}Call the tool look once, then answer how many pods it saw.{{role "user"}}{{userInput}}',
            outputSchema: { type: "object", properties: { pods: { type: "number" } }, required: ["pods"] },
          });
          expect(await run()).toMatchObject({ status: "completed", output: { pods: 3 } });
          expect(calls.length).toBeGreaterThan(0);
          expect(told.some(({ type }) => type === "agent.text")).toBe(true);
        },
      );
});
