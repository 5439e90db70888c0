import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AiConfig } from "../../../src/adapters/agents/model-name.ts";
import { createModels } from "../../../src/adapters/agents/models.ts";
import { agent as agentOf, keepingLog, loading, request } from "../../../src/adapters/agents/test-agents.ts";
import type { AgentDefinition } from "../../../src/core/definition/agent.ts";
import { createTestRunner } from "../../support/agent-runner.ts";
import { type FakeOpenAi, type Reaction, startFakeOpenAi } from "../../support/fake-openai.ts";
import { memoryAgents } from "../../support/memory-agents.ts";
import { memoryTools, says } from "../../support/memory-tools.ts";

let server: FakeOpenAi;
beforeAll(async () => {
  server = await startFakeOpenAi(() => ({ text: "hello" }));
});
afterAll(() => server.close());
beforeEach(() => {
  server.asked.length = 0;
  server.aborted.count = 0;
});

const never = new AbortController().signal;
const clock = { now: () => 1_000_000, random: () => 0 };

function config(change: Partial<AiConfig> = {}): AiConfig {
  return {
    override: null,
    provider: null,
    model: null,
    keys: {
      STATION_AI_API_KEY: null,
      OPENAI_API_KEY: "sk-test",
      ANTHROPIC_API_KEY: null,
      GEMINI_API_KEY: null,
    },
    baseUrl: server.url,
    prices: { "gpt-4o-mini": { input: 1, output: 10 } },
    ...change,
  };
}

function station(change: Partial<AgentDefinition> = {}, ai: AiConfig = config()) {
  const agents = memoryAgents();
  const { source, calls } = memoryTools({ look: { does: () => says("3 pods") } });
  const slept: number[] = [];
  const runner = createTestRunner({
    load: loading(agentOf("a", { model: "gpt-4o-mini", body: "{{userInput}}", ...change })),
    models: createModels(ai, clock),
    tools: source,
    store: agents.store,
    clock,
    log: keepingLog(),
    sleep: async (ms) => {
      slept.push(ms);
    },
  });
  return {
    calls,
    slept,
    runs: agents.runs,
    run: (signal = never) => runner.run(request("a", { task: "look" }), signal),
  };
}

describe("a model on the wire", () => {
  test("is told prompt and tools, and its calls and answer come back", async () => {
    server.react((_, nth) => (nth === 1 ? { calls: [["look", { at: 1 }]] } : { text: "done" }));
    const { run, calls, runs } = station({ tools: ["look"] });
    expect(await run()).toEqual({ status: "completed", output: "done", simulated: false });
    expect(calls).toEqual([{ tool: "look", args: { at: 1 }, key: "ar_1:call_1_0" }]);
    expect(server.asked[0]).toMatchObject({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: "look" }],
      tools: [{ function: { name: "look" } }],
    });
    expect(server.asked[1]?.messages).toMatchObject([
      { role: "user" },
      { role: "assistant", tool_calls: [{ id: "call_1_0", function: { name: "look" } }] },
      { role: "tool", tool_call_id: "call_1_0", content: "3 pods" },
    ]);
    const usage = runs.get("ar_1")?.turns[0]?.reply.usage;
    expect(usage).toEqual({ inputTokens: 100, outputTokens: 10, cachedTokens: 0, costUsd: 0.0002 });
  });

  test("is told the output schema, and never in the provider's strict form", async () => {
    server.react(() => ({ text: '{"n": 1}' }));
    const { run } = station({ outputSchema: { type: "object", properties: { n: { type: "number" } } } });
    expect(await run()).toMatchObject({ output: { n: 1 } });
    expect(server.asked[0]?.response_format).toMatchObject({
      type: "json_schema",
      json_schema: { strict: false },
    });
  });

  test("repairs an answer that breaks the schema, in one turn", async () => {
    server.react((_, nth) => ({ text: nth === 1 ? "It is one." : '```json\n{"n": 1}\n```' }));
    const { run } = station({ outputSchema: { type: "object", required: ["n"] } });
    expect(await run()).toEqual({ status: "completed", output: { n: 1 }, simulated: false });
    expect(server.asked[1]?.messages.at(-1)).toMatchObject({
      role: "user",
      content: expect.stringContaining("does not match the required JSON Schema"),
    });
  });

  test("whose arguments are no JSON is told so", async () => {
    server.react((_, nth) => (nth === 1 ? { calls: [["look", "{broken"]] } : { text: "sorry" }));
    const { run } = station({ tools: ["look"] });
    expect(await run()).toMatchObject({ status: "completed", output: "sorry" });
    expect(server.asked[1]?.messages.filter(({ role }) => role === "tool")).toHaveLength(1);
  });

  test("hears of a cancel at once", async () => {
    server.react(() => ({ hangs: true }));
    const abort = new AbortController();
    const running = station().run(abort.signal);
    await expect.poll(() => server.asked.length).toBe(1);
    abort.abort();
    expect(await running).toMatchObject({ status: "failed", error: { type: "cancelled" } });
    await expect.poll(() => server.aborted.count).toBe(1);
  });
});

const body = (code: string, message = "no") => ({ error: { code, type: code, message } });

/** The table of failures: what the provider does, and what becomes of it. */
const FAILURES: readonly (readonly [string, Reaction, code: string, retryable: boolean, tries: number])[] = [
  ["429", { status: 429, body: body("rate_limit_exceeded") }, "llm_rate_limit", true, 3],
  ["429 without quota", { status: 429, body: body("insufficient_quota") }, "llm_quota", false, 1],
  ["500", { status: 500, body: body("server_error") }, "llm_unavailable", true, 3],
  ["503 with a page", { status: 503, body: "<html>away</html>" }, "llm_unavailable", true, 3],
  ["529", { status: 529, body: body("overloaded") }, "llm_unavailable", true, 3],
  ["408", { status: 408, body: body("timeout") }, "llm_unavailable", true, 3],
  ["409", { status: 409, body: body("conflict") }, "llm_unavailable", true, 3],
  ["a cut connection", { drops: true }, "llm_network", true, 3],
  ["200 with a page", { status: 200, body: "<html>proxy</html>" }, "llm_bad_response", true, 3],
  ["200 with nothing", { status: 200, body: "" }, "llm_bad_response", true, 3],
  ["401", { status: 401, body: body("invalid_api_key") }, "llm_auth", false, 1],
  ["403", { status: 403, body: body("forbidden") }, "llm_auth", false, 1],
  ["404", { status: 404, body: body("model_not_found") }, "llm_model_not_found", false, 1],
  ["400", { status: 400, body: body("bad") }, "llm_bad_request", false, 1],
  [
    "a prompt too long",
    { status: 400, body: body("context_length_exceeded") },
    "llm_context_length",
    false,
    1,
  ],
  ["a refusal", { text: "", finish: "content_filter" }, "llm_content_filter", false, 1],
];

describe("a provider that fails", () => {
  test.each([...FAILURES])("%s", async (_name, reaction, code, retryable, tries) => {
    server.react(() => reaction);
    const { run, runs } = station();
    expect(await run()).toMatchObject({ status: "failed", error: { type: "agent_error", code, retryable } });
    expect(server.asked).toHaveLength(tries);
    expect(runs.get("ar_1")?.status).toMatchObject({ status: "failed", error: { code } });
  });

  test("only for a moment is not noticed", async () => {
    server.react((_, nth) => (nth < 3 ? { status: 503, body: body("away") } : { text: "back" }));
    const { run, runs } = station();
    expect(await run()).toMatchObject({ output: "back" });
    expect(runs.get("ar_1")?.turns[0]?.tries).toBe(3);
  });

  test("is given the time it asks for, if that is a minute at most", async () => {
    server.react((_, nth) =>
      nth === 1 ? { status: 429, body: body("slow"), headers: { "retry-after": "7" } } : { text: "back" },
    );
    const { run, slept } = station();
    expect(await run()).toMatchObject({ output: "back" });
    expect(slept).toEqual([7000]);
  });

  test("and wants longer makes the step wait instead", async () => {
    server.react(() => ({ status: 429, body: body("slow"), headers: { "retry-after": "90" } }));
    const { run, slept } = station();
    expect(await run()).toMatchObject({ error: { code: "llm_rate_limit", retryAfterSeconds: 90 } });
    expect(slept).toEqual([]);
  });
});

describe("which model", () => {
  const none = {
    STATION_AI_API_KEY: null,
    OPENAI_API_KEY: null,
    ANTHROPIC_API_KEY: null,
    GEMINI_API_KEY: null,
  };

  test.each([
    ["gpt-4o", { keys: none }, "llm_auth", "OPENAI_API_KEY is not set"],
    ["claude-sonnet-4-5", { keys: none }, "llm_auth", "ANTHROPIC_API_KEY is not set"],
    ["google/gemini-2.5-flash", { keys: none }, "llm_auth", "GEMINI_API_KEY is not set"],
    ["vllm/llama", { baseUrl: null }, "no_model", "STATION_AI_BASE_URL is not set"],
    ["opnai/gpt-4o", {}, "unknown_provider", 'did you mean "openai"?'],
    ["mystery", {}, "unknown_provider", "set STATION_AI_PROVIDER"],
    ["", {}, "no_model", "set STATION_AI_MODEL"],
  ])("%j fails and says what is missing", async (model, change, code, message) => {
    const { run } = station({ model }, config(change));
    expect(await run()).toMatchObject({
      status: "failed",
      error: { code, retryable: false, message: expect.stringContaining(message) },
    });
    expect(server.asked).toHaveLength(0);
  });

  test.each([
    ["gpt-4o", {}, "gpt-4o"],
    ["openai/gpt-4o", {}, "gpt-4o"],
    ["compatible/llama3", {}, "llama3"],
    ["ollama/llama3.1:8b", {}, "llama3.1:8b"],
    ["llama3", { provider: "openai-compatible" }, "llama3"],
    ["meta-llama/Llama-3-8B", { provider: "openai-compatible" }, "meta-llama/Llama-3-8B"],
    ["", { provider: "openai", model: "gpt-5-mini" }, "gpt-5-mini"],
    ["claude-sonnet-4-5", { override: "openai/gpt-4o-mini" }, "gpt-4o-mini"],
  ])("%j is asked for as the provider knows it", async (model, change, asked) => {
    server.react(() => ({ text: "hello" }));
    const { run } = station({ model }, config(change));
    expect(await run()).toMatchObject({ output: "hello", simulated: false });
    expect(server.asked[0]?.model).toBe(asked);
  });
});

describe.skipIf(
  !process.env["OPENAI_API_KEY"] && !process.env["ANTHROPIC_API_KEY"] && !process.env["GEMINI_API_KEY"],
)("the real providers", () => {
  const keys = {
    STATION_AI_API_KEY: null,
    OPENAI_API_KEY: process.env["OPENAI_API_KEY"] ?? null,
    ANTHROPIC_API_KEY: process.env["ANTHROPIC_API_KEY"] ?? null,
    GEMINI_API_KEY: process.env["GEMINI_API_KEY"] ?? null,
  };
  test.each([
    ["openai/gpt-4o-mini", keys.OPENAI_API_KEY],
    ["anthropic/claude-haiku-4-5", keys.ANTHROPIC_API_KEY],
    ["google/gemini-2.5-flash", keys.GEMINI_API_KEY],
  ])("%s calls a tool and answers as the schema says", async (model, key) => {
    if (key === null) return;
    const { run, calls } = station(
      {
        model,
        tools: ["look"],
        body: '{{role "system"}}Call the tool look once, then answer how many pods it saw.{{role "user"}}{{userInput}}',
        outputSchema: { type: "object", properties: { pods: { type: "number" } }, required: ["pods"] },
      },
      config({ keys, baseUrl: null }),
    );
    expect(await run()).toMatchObject({ status: "completed", output: { pods: 3 } });
    expect(calls.length).toBeGreaterThan(0);
  });
});
