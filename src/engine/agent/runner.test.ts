import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { createTestRunner } from "../../../test/support/agent-runner.ts";
import { memoryAgents } from "../../../test/support/memory-agents.ts";
import { memoryModels, type Said } from "../../../test/support/memory-models.ts";
import { type MemoryTool, memoryTools, says } from "../../../test/support/memory-tools.ts";
import { agent, keepingLog, loading, request } from "../../adapters/agents/test-agents.ts";
import { redacting } from "../../core/agent/redact.ts";
import { type AgentRules, DEFAULT_RULES } from "../../core/agent/rules.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import type { JsonValue } from "../../core/json.ts";
import type { RunId, StepId } from "../../core/run/ids.ts";
import { agentRunIdOf, idempotencyKey } from "../../core/run/step-id.ts";
import type { ApprovalView } from "../ports/queries.ts";

const never = new AbortController().signal;
const real = { model: "test/model" };
const rules = (change: Partial<AgentRules>): AgentRules => ({ ...DEFAULT_RULES, ...change });

function station(
  agents: readonly AgentDefinition[],
  turns: Readonly<Record<string, readonly Said[]>>,
  tools: Readonly<Record<string, MemoryTool>> = {},
  isPriced = true,
) {
  const { models, asked } = memoryModels(turns, isPriced);
  const { source, calls } = memoryTools(tools);
  const { store, runs, holder } = memoryAgents();
  let verdict: Partial<ApprovalView> | null = null;
  const runner = createTestRunner({
    load: loading(...agents),
    models,
    tools: source,
    store,
    approvals: { approval: async () => verdict as ApprovalView | null },
    clock: { now: () => 1000, random: () => 0 },
    log: keepingLog(),
    sleep: async () => {},
    redact: redacting([], []),
  });
  return {
    runs,
    store,
    holder,
    asked,
    calls,
    run: (parts: Parameters<typeof request>[1] = {}, signal = never) =>
      runner.run(request("a", parts), signal),
    decide(status: ApprovalView["status"], more: object = {}) {
      verdict = {
        status,
        decisions: [{ decision: "approve", channel: "api", by: "user:ana", at: 0, comment: null, ...more }],
      };
    },
  };
}

const look: MemoryTool = { annotations: { readOnlyHint: true }, does: () => says("3 pods") };
const touch: MemoryTool = { does: () => says("touched") };

const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;

describe("an agent at work", () => {
  test("calls what its model asks for and answers with what it says at last", async () => {
    const { run, calls, asked, runs } = station(
      [agent("a", { ...real, tools: ["look"] })],
      { a: [{ calls: [["look", { at: 1 }]] }, { text: '{"pods": 3}' }] },
      { look },
    );
    expect(await run()).toEqual({ status: "completed", output: { pods: 3 }, simulated: false });
    expect(calls).toEqual([{ tool: "look", args: { at: 1 }, key: "ar_1:call_1" }]);
    expect(asked[1]?.request.messages.at(-1)).toEqual({
      role: "tools",
      results: [{ callId: "call_1", tool: "look", text: "3 pods", isError: false }],
    });
    expect(runs.get("ar_1")?.status).toMatchObject({ status: "completed" });
  });

  test("is not asked, and fails for good, where the database cannot keep what it is to be told", async () => {
    const { run, asked, store } = station([agent("a", real)], { a: [{ text: "done" }] });
    store.open = async () => ({ status: "too-large" });
    expect(await run()).toMatchObject({
      status: "failed",
      error: { code: "AGENT_INPUT_TOO_LARGE", retryable: false },
    });
    expect(asked).toEqual([]);
  });

  test("is not asked, and fails for good, where what it is given has more levels than can be kept", async () => {
    const { run, asked, runs } = station([agent("a", real)], { a: [{ text: "done" }] });
    const nested = (levels: number): JsonValue => {
      let value: JsonValue = "in";
      for (let level = 0; level < levels; level++) value = [value];
      return value;
    };
    expect(await run({ variables: { what: nested(200) } })).toMatchObject({
      status: "failed",
      error: {
        code: "AGENT_INPUT_TOO_DEEP",
        retryable: false,
        message: 'input of agent "a" is nested more than 200 levels deep; the agent was not called',
      },
    });
    expect([asked.length, runs.size]).toEqual([0, 0]);
    expect(await run({ variables: { what: nested(199) } })).toMatchObject({ output: "done" });
  });

  test("delivered three times answers what is kept, and the model is not asked again", async () => {
    const { run, asked } = station([agent("a", real)], { a: [{ text: "done" }] });
    for (const _ of [1, 2, 3]) expect(await run()).toMatchObject({ output: "done" });
    expect(asked).toHaveLength(1);
  });

  test("an answer that was kept and not finished is finished without asking the model again", async () => {
    const { run, asked, runs } = station([agent("a", real)], { a: [{ text: "done" }] });
    await run();
    const kept = runs.get("ar_1");
    if (kept) runs.set("ar_1", { ...kept, status: { status: "running" } });
    expect(await run()).toMatchObject({ output: "done" });
    expect(asked).toHaveLength(1);
  });

  test("a provider that quotes the key it was shown: the failure is kept without it", async () => {
    const message = "there is no key sk-0123456789abcdefghij";
    const refused = { type: "agent_error", code: "llm_auth", message, retryable: false };
    const { run, runs } = station([agent("a", real)], { a: [{ error: refused }] });
    expect(await run()).toMatchObject({ error: { code: "llm_auth", message: "there is no key [redacted]" } });
    expect(JSON.stringify([...runs.values()])).not.toContain("sk-0123");
  });

  test("a broken answer is repaired in one turn, and kept with a note if it stays broken", async () => {
    const checked = agent("a", { ...real, outputSchema: { type: "object", required: ["n"] } });
    const mended = station([checked], { a: [{ text: "no idea" }, { text: '```json\n{"n": 1}\n```' }] });
    expect(await mended.run()).toEqual({ status: "completed", output: { n: 1 }, simulated: false });
    expect(mended.runs.get("ar_1")?.turns.map(({ kind }) => kind)).toEqual(["answer", "repair"]);
    const broken = station([checked], { a: [{ text: "{}" }, { text: "{}" }] });
    expect(await broken.run()).toMatchObject({
      status: "completed",
      output: {},
      validation: { code: "SCHEMA_VALIDATION_OUTPUT" },
    });
    expect(broken.asked).toHaveLength(2);
  });

  test.each([
    ["with a schema", { type: "object", required: ["id"] }, '{"id": 12345678901234567890}'],
    ["with a schema that a part of it fits", {}, '{"id": 12345678901234567890, "of": [1]}'],
    ["in a sentence", { type: "object" }, 'It is {"id": 12345678901234567890}.'],
    ["without a schema", undefined, '```json\n{"id": 12345678901234567890}\n```'],
  ])(
    "an integer that no number holds goes back to the model, and is never another: %s",
    async (_name, outputSchema, text) => {
      const checked = agent("a", { ...real, ...(outputSchema && { outputSchema }) });
      const mended = station([checked], { a: [{ text }, { text: '{"id": "12345678901234567890"}' }] });
      expect(await mended.run()).toEqual({
        status: "completed",
        output: { id: "12345678901234567890" },
        simulated: false,
      });
      expect(mended.runs.get("ar_1")?.turns[1]?.ask).toContain(
        "- the answer: not kept as it is: 12345678901234567890 would become 12345678901234567000; write it as a text, in quotes",
      );
      const stubborn = station([checked], { a: [{ text }, { text }] });
      expect(await stubborn.run()).toMatchObject({
        output: text,
        ...(outputSchema && { validation: { code: "SCHEMA_VALIDATION_OUTPUT" } }),
      });
    },
  );

  test("a call with an integer that no number holds is not made with another", async () => {
    const { run, calls, asked } = station(
      [agent("a", { ...real, tools: ["touch"] })],
      { a: [{ calls: [["touch", '{"id": 12345678901234567890}']] }, { text: "gave up" }] },
      { touch },
    );
    expect(await run()).toMatchObject({ output: "gave up" });
    expect(calls).toEqual([]);
    expect(asked[1]?.request.messages.at(-1)).toMatchObject({
      results: [{ text: expect.stringContaining("12345678901234567890 would become"), isError: true }],
    });
  });

  test("an answer that its provider cut off is kept with a note", async () => {
    const { run } = station([agent("a", real)], { a: [{ text: "The pods are", finish: "length" }] });
    expect(await run()).toMatchObject({ output: "The pods are", validation: { code: "OUTPUT_TRUNCATED" } });
  });

  test.each([
    ["null where the schema allows it", { type: ["object", "null"] }, "null", null],
    ["a list of one in a sentence", { type: "array" }, 'These: [{"n": 1}].', [{ n: 1 }]],
    ["a text where it has more levels than anybody follows", undefined, deep, deep],
    ["an object beside a longer list", { type: "object" }, '{"n": 1}, not [1, 2, 3, 4]', { n: 1 }],
  ])("an answer is %s", async (_name, outputSchema, text, output) => {
    const schema = outputSchema ? { outputSchema } : {};
    const { run, asked } = station([agent("a", { ...real, ...schema })], { a: [{ text }] });
    expect(await run()).toEqual({ status: "completed", output, simulated: false });
    expect(asked).toHaveLength(1);
  });

  test("a call whose arguments nobody can read is not made with none, however little its tool needs", async () => {
    const { run, calls, asked } = station(
      [agent("a", { ...real, tools: ["touch"] })],
      { a: [{ calls: [["touch", '{"namespace": "prod"']] }, { text: "gave up" }] },
      { touch },
    );
    expect(await run()).toMatchObject({ output: "gave up" });
    expect(calls).toEqual([]);
    expect(asked[1]?.request.messages.at(-1)).toMatchObject({
      results: [{ text: expect.stringContaining("no JSON object"), isError: true }],
    });
  });

  test("a tool that does not exist and arguments that do not fit go back to the model", async () => {
    const strict: MemoryTool = { ...look, inputSchema: { type: "object", required: ["at"] } };
    const { run, calls, asked } = station(
      [agent("a", { ...real, tools: ["look"] })],
      {
        a: [
          {
            calls: [
              ["lok", {}],
              ["look", {}],
            ],
          },
          { text: "gave up" },
        ],
      },
      { look: strict },
    );
    expect(await run()).toMatchObject({ output: "gave up" });
    expect(calls).toEqual([]);
    expect(asked[1]?.request.messages.at(-1)).toMatchObject({
      results: [
        { text: 'There is no tool "lok". There are: look.', isError: true },
        { text: expect.stringContaining("do not match the tool's schema"), isError: true },
      ],
    });
  });
});

describe("what tools answer", () => {
  const answeringWith = (text: string) =>
    station(
      [agent("a", { ...real, tools: ["look"] })],
      { a: [{ calls: [["look", {}]] }, { text: "done" }] },
      { look: { ...look, does: () => says(text) } },
    );
  const toldBy = async ({ run, runs }: ReturnType<typeof station>) => {
    await run();
    const progress = runs.get("ar_1")?.calls[0]?.progress;
    return progress?.status === "done" ? progress.text : "";
  };

  test.each([10, 10_000])(
    "is cut where it is too long, and never in the middle of a secret",
    async (more) => {
      const text = `${"x ".repeat(49_995)}sk-abcdefghijklmnopqrst ${"y ".repeat(more)}`;
      const told = await toldBy(answeringWith(text));
      expect(told.slice(99_900)).toMatch(/^[x ]+(\[redacted\])?\n\[cut: \d+ of \d+ characters\]$/);
    },
  );

  test("and holds whole characters only: providers refuse halves", async () => {
    expect(await toldBy(answeringWith("half \ud83d"))).toBe("half \ufffd");
    const cut = await toldBy(answeringWith(`${"x".repeat(99_999)}🙂🙂`));
    expect(cut.slice(99_998)).toBe("x\ufffd\n[cut: 3 of 100003 characters]");
  });
});

describe("what a dead worker left", () => {
  async function found(tool: MemoryTool, change: Partial<AgentDefinition> = {}) {
    const world = station(
      [agent("a", { ...real, tools: ["tool"], ...change })],
      { a: [{ calls: [["tool", {}]] }, { text: "done" }] },
      { tool },
    );
    await world.run();
    const kept = world.runs.get("ar_1");
    const [call] = kept?.calls ?? [];
    if (!kept || !call) throw new Error("there is no call");
    const turns = kept.turns.slice(0, 1);
    const calls = [{ ...call, progress: { status: "started", at: 1 } as const }];
    world.runs.set("ar_1", { ...kept, turns, calls, status: { status: "running" } });
    world.calls.length = 0;
    world.asked.length = 0;
    return world;
  }

  test("a call without a hint is not made again: the model hears that nobody knows", async () => {
    const { run, calls, asked } = await found(touch);
    expect(await run()).toMatchObject({ output: "done" });
    expect(calls).toEqual([]);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.request.messages.at(-1)).toMatchObject({
      results: [{ text: expect.stringContaining("may or may not have taken effect"), isError: true }],
    });
  });

  test.each([
    ["reads only", { readOnlyHint: true }],
    ["is idempotent", { idempotentHint: true }],
  ])("a call of a tool that says it %s is made again", async (_name, annotations) => {
    const { run, calls } = await found({ ...touch, annotations });
    expect(await run()).toMatchObject({ output: "done" });
    expect(calls).toHaveLength(1);
  });

  test("the author may know better than the server", async () => {
    const repeatable = [{ tool: "tool", isRepeatable: true }];
    const { run, calls } = await found(touch, { rules: rules({ repeatable }) });
    await run();
    expect(calls).toHaveLength(1);
  });

  test("onUnknown: fail fails the agent and says which call", async () => {
    const { run, calls } = await found(touch, {
      rules: rules({ onUnknown: [{ tool: "*", action: "fail" }] }),
    });
    expect(await run()).toMatchObject({
      status: "failed",
      error: { code: "unknown_outcome", retryable: false },
    });
    expect(calls).toEqual([]);
  });

  test("onUnknown: ask asks a person, who may have it called again", async () => {
    const { run, calls, decide } = await found(touch, {
      rules: rules({ onUnknown: [{ tool: "*", action: "ask" }] }),
    });
    expect(await run()).toMatchObject({ status: "waiting", question: { kind: "unknown" } });
    decide("APPROVED");
    expect(await run()).toMatchObject({ output: "done" });
    expect(calls).toHaveLength(1);
  });

  test("called again with other arguments, these are used and the model is told", async () => {
    const { run, calls, asked, decide } = await found(touch, {
      rules: rules({ onUnknown: [{ tool: "*", action: "ask" }] }),
    });
    await run();
    decide("APPROVED", { args: { at: 2 } });
    expect(await run()).toMatchObject({ output: "done" });
    expect(calls).toMatchObject([{ args: { at: 2 } }]);
    expect(JSON.stringify(asked[0]?.request.messages)).toContain("user:ana changed the arguments");
  });

  test("a failed attempt's finished turns and calls are not repeated by the next", async () => {
    const flaky = { type: "agent_error", code: "llm_unavailable", message: "away", retryable: true };
    const { run, calls, asked } = station(
      [agent("a", { ...real, tools: ["touch"] })],
      {
        a: [
          { calls: [["touch", {}]] },
          { error: flaky },
          { error: flaky },
          { error: flaky },
          { text: "done" },
        ],
      },
      { touch },
    );
    const first = agentRunIdOf(idempotencyKey("run_1" as RunId, "step" as StepId, 1));
    expect(await run({ agentRunId: first })).toMatchObject({ error: { code: "llm_unavailable" } });
    expect(await run({ agentRunId: "ar_2", attempt: 2 })).toMatchObject({ output: "done" });
    expect(asked).toHaveLength(5);
    expect(calls).toHaveLength(1);
  });

  test("an attempt that was over before it began does not make the next forget what was finished", async () => {
    const flaky = { type: "agent_error", code: "llm_unavailable", message: "away", retryable: true };
    const failing = [{ error: flaky }, { error: flaky }, { error: flaky }];
    const { run, calls } = station(
      [agent("a", { ...real, tools: ["touch"] })],
      { a: [{ calls: [["touch", {}]] }, ...failing, { text: "done" }] },
      { touch },
    );
    const first = agentRunIdOf(idempotencyKey("run_1" as RunId, "step" as StepId, 1));
    expect(await run({ agentRunId: first })).toMatchObject({ error: { code: "llm_unavailable" } });
    const late = AbortSignal.abort(new DOMException("late", "TimeoutError"));
    expect(await run({ agentRunId: "ar_2", attempt: 2 }, late)).toMatchObject({ error: { type: "timeout" } });
    expect(await run({ agentRunId: "ar_3", attempt: 3 })).toMatchObject({ output: "done" });
    expect(calls).toHaveLength(1);
  });

  test("a worker that lost the step writes nothing and stops", async () => {
    const { run, holder, runs } = station(
      [agent("a", { ...real, tools: ["touch"] })],
      { a: [{ text: "x" }] },
      {},
    );
    holder.token = 2;
    expect(await run()).toMatchObject({ status: "failed" });
    expect(runs.size).toBe(0);
  });
});

describe("a call that no answer comes to, while the agent lives", () => {
  const lost: MemoryTool = { does: () => ({ status: "unknown", reason: "the server died" }) };
  const turns = { a: [{ calls: [["tool", {}]] }, { text: "done" }] } as const;
  const given = (tool: MemoryTool, onUnknown: AgentRules["onUnknown"]) =>
    station([agent("a", { ...real, tools: ["tool"], rules: rules({ onUnknown }) })], turns, { tool });
  const lastSaid = ({ asked }: ReturnType<typeof given>) => asked.at(-1)?.request.messages.at(-1);
  const text = expect.stringContaining("The outcome is unknown (the server died)");
  const told = { role: "tools", results: [{ text, isError: true }] };

  test.each([
    ["nothing said", lost, []],
    ["a tool that may be repeated", { ...lost, annotations: { readOnlyHint: true } }, []],
    ["onUnknown: tell", lost, [{ tool: "*", action: "tell" }]],
  ] as const)("is told to the model: %s", async (_name, tool, onUnknown) => {
    const world = given(tool, onUnknown);
    expect(await world.run()).toMatchObject({ output: "done" });
    expect(world.calls).toHaveLength(1);
    expect(lastSaid(world)).toMatchObject(told);
  });

  test("onUnknown: retry makes it again, and in the end tells the model", async () => {
    const world = given(lost, [{ tool: "test.tool", action: "retry" }]);
    expect(await world.run()).toMatchObject({ output: "done" });
    expect(world.calls).toHaveLength(3);
    expect(new Set(world.calls.map(({ key }) => key)).size).toBe(1);
    expect(lastSaid(world)).toMatchObject(told);
  });

  test("onUnknown: fail fails the agent with the reason", async () => {
    const world = given(lost, [{ tool: "tool", action: "fail" }]);
    expect(await world.run()).toMatchObject({
      status: "failed",
      error: { code: "unknown_outcome", message: expect.stringContaining("the server died") },
    });
  });

  test("onUnknown: ask asks a person, who may leave it at that", async () => {
    const world = given(lost, [{ tool: "tool", action: "ask" }]);
    expect(await world.run()).toMatchObject({
      status: "waiting",
      question: { kind: "unknown", message: expect.stringContaining("the server died") },
    });
    world.decide("REJECTED", { comment: "it is there" });
    expect(await world.run()).toMatchObject({ output: "done" });
    expect(world.calls).toHaveLength(1);
    expect(lastSaid(world)).toMatchObject({
      results: [{ text: expect.stringContaining("The outcome is unknown (user:ana says: it is there)") }],
    });
  });
});

describe("people decide about calls", () => {
  const careful = agent("a", {
    ...real,
    tools: ["touch", "look"],
    rules: rules({ approvals: { tools: ["destructive"], approvers: ["team:sre"], timeoutSeconds: 60 } }),
  });
  const turns = {
    a: [
      {
        calls: [
          ["touch", { at: 1 }],
          ["look", {}],
        ],
      },
      { text: "done" },
    ],
  } as const;
  const waiting = () => station([careful], turns, { touch, look });

  test("the agent waits with the exact arguments; what needs nobody's leave is done meanwhile", async () => {
    const { run, calls } = waiting();
    expect(await run()).toMatchObject({
      status: "waiting",
      question: {
        kind: "tool",
        evidence: { agent: "a", target: "test.touch", arguments: { at: 1 } },
        approvers: ["team:sre"],
        timeoutSeconds: 60,
      },
    });
    expect(calls.map(({ tool }) => tool)).toEqual(["look"]);
  });

  test("approved, the call is made as it was shown", async () => {
    const { run, calls, decide, asked } = waiting();
    await run();
    decide("APPROVED");
    expect(await run()).toMatchObject({ output: "done" });
    expect(calls.at(-1)).toMatchObject({ tool: "touch", args: { at: 1 } });
    expect(asked).toHaveLength(2);
  });

  test("approved with other arguments, these are used and the model is told", async () => {
    const { run, calls, decide, asked } = waiting();
    await run();
    decide("APPROVED", { args: { at: 2 } });
    await run();
    expect(calls.at(-1)).toMatchObject({ tool: "touch", args: { at: 2 } });
    expect(JSON.stringify(asked[1]?.request.messages)).toContain("user:ana changed the arguments");
  });

  test("approved with arguments that leave a secret unclear, the call is not made and the model is told", async () => {
    const command = "sk-abcdefghijklmnopqrst and sk-abcdefghijklmnopqrsu";
    const said = { a: [{ calls: [["touch", { command }]] }, { text: "done" }] } as const;
    const { run, calls, decide, asked } = station([careful], said, { touch, look });
    await run();
    decide("APPROVED", { args: { command: "only [redacted]" } });
    expect(await run()).toMatchObject({ output: "done" });
    expect(calls).toEqual([]);
    expect(JSON.stringify(asked[1]?.request.messages)).toContain("cannot be told");
  });

  test("so changed for a call that may have been made before, it is not said that it was not", async () => {
    const command = "sk-abcdefghijklmnopqrst and sk-abcdefghijklmnopqrsu";
    const lost: MemoryTool = { does: () => ({ status: "unknown", reason: "the server died" }) };
    const onUnknown = [{ tool: "*", action: "ask" }] as const;
    const asking = agent("a", { ...real, tools: ["touch"], rules: rules({ onUnknown }) });
    const said = { a: [{ calls: [["touch", { command }]] }, { text: "done" }] } as const;
    const { run, calls, decide, asked } = station([asking], said, { touch: lost });
    await run();
    decide("APPROVED", { args: { command: "only [redacted]" } });
    expect(await run()).toMatchObject({ output: "done" });
    expect(calls).toHaveLength(1);
    const heard = JSON.stringify(asked[1]?.request.messages);
    expect(heard).toContain("The outcome is unknown (it was not made again: user:ana changed its arguments");
    expect(heard).not.toContain("The call was not made");
  });

  test.each(["REJECTED", "EXPIRED"] as const)(
    "%s, the call is not made and the model is told",
    async (status) => {
      const { run, calls, decide, asked } = waiting();
      await run();
      decide(status, { comment: "not now" });
      expect(await run()).toMatchObject({ output: "done" });
      expect(calls.map(({ tool }) => tool)).toEqual(["look"]);
      expect(JSON.stringify(asked[1]?.request.messages)).toContain("The call was not made");
    },
  );
});

describe("agents call agents", () => {
  const parent = agent("a", { ...real, agents: ["b"] });
  const child = agent("b", { ...real, tools: ["touch"] });
  const turns = {
    a: [
      { calls: [["__agent_b", { task: "help" }]], tokens: 5 },
      { text: "thanks", tokens: 5 },
    ],
    b: [
      { calls: [["touch", {}]], tokens: 7 },
      { text: "helped", tokens: 7 },
    ],
  } as const;

  test("the child's answer is the tool's, and it knows where it comes from", async () => {
    const { run, runs, asked } = station([parent, child], turns, { touch });
    expect(await run()).toMatchObject({ status: "completed", output: "thanks" });
    const below = [...runs.values()].find((one) => one.agent === "b");
    expect(below).toMatchObject({ family: { rootId: "ar_1", parentId: "ar_1" }, input: { task: "help" } });
    expect(JSON.stringify(asked.at(-1)?.request.messages)).toContain("helped");
  });

  test("a child that waits makes its parent wait, and both go on with the decision", async () => {
    const guarded = {
      ...child,
      rules: rules({ approvals: { tools: ["*"], approvers: [], timeoutSeconds: null } }),
    };
    const { run, calls, decide, asked } = station([parent, guarded], turns, { touch });
    expect(await run()).toMatchObject({ status: "waiting", question: { evidence: { agent: "b" } } });
    decide("APPROVED");
    expect(await run()).toMatchObject({ status: "completed", output: "thanks" });
    expect(calls).toHaveLength(1);
    expect(asked.map((one) => one.agent)).toEqual(["a", "b", "b", "a"]);
  });

  test("a circle is told to the model and never entered", async () => {
    const back = agent("b", { ...real, agents: ["a"] });
    const { run, asked } = station([parent, back], {
      a: turns.a,
      b: [{ calls: [["__agent_a", { task: "you" }]] }, { text: "helped" }],
    });
    expect(await run()).toMatchObject({ output: "thanks" });
    expect(JSON.stringify(asked[2]?.request.messages)).toContain("agent_cycle");
  });

  test("a child that is out of its own time fails the attempt and says so itself; the next goes on with it", async () => {
    let isStuck = true;
    const stuck: MemoryTool = {
      annotations: { readOnlyHint: true },
      does: (_args, signal) =>
        isStuck
          ? new Promise((resolve) =>
              signal.addEventListener("abort", () => resolve({ status: "unknown", reason: "cancelled" })),
            )
          : says("touched"),
    };
    const quick = {
      ...child,
      rules: {
        ...DEFAULT_RULES,
        get timeoutSeconds() {
          return isStuck ? 0.05 : null;
        },
      },
    };
    const { run, runs, asked } = station([parent, quick], turns, { touch: stuck });
    const first = agentRunIdOf(idempotencyKey("run_1" as RunId, "step" as StepId, 1));
    const error = { type: "timeout", code: "TIMEOUT", retryable: true };
    expect(await run({ agentRunId: first })).toMatchObject({
      error: { ...error, message: expect.stringContaining('agent "b"') },
    });
    expect([...runs.values()].map(({ status }) => status)).toMatchObject([
      { status: "failed", error },
      { status: "failed", error },
    ]);
    isStuck = false;
    expect(await run({ agentRunId: "ar_2", attempt: 2 })).toMatchObject({ output: "thanks" });
    expect(asked.map((one) => one.agent)).toEqual(["a", "b", "b", "a"]);
  });

  test("a child whose answer nobody heard is not asked again by the next attempt", async () => {
    const { run, runs, calls, asked } = station([parent, child], turns, { touch });
    const first = agentRunIdOf(idempotencyKey("run_1" as RunId, "step" as StepId, 1));
    await run({ agentRunId: first });
    const kept = runs.get(first);
    const [call] = kept?.calls ?? [];
    if (!kept || !call) throw new Error("there is no call");
    const started = { ...call, progress: { status: "started", at: 1 } as const };
    runs.set(first, {
      ...kept,
      turns: kept.turns.slice(0, 1),
      calls: [started],
      status: { status: "running" },
    });
    expect(await run({ agentRunId: "ar_3", attempt: 3 })).toMatchObject({ output: "thanks" });
    expect(calls).toHaveLength(1);
    expect(asked.map((one) => one.agent)).toEqual(["a", "b", "b", "a", "a"]);
  });

  test("agents are nested four deep at most, and the fourth hears so", async () => {
    const names = ["a", "b", "c", "d", "e"];
    const line = names.map((name, at) => agent(name, { ...real, agents: names.slice(at + 1, at + 2) }));
    const said = names.map((name, at): [string, readonly Said[]] => [
      name,
      [{ calls: [[`__agent_${names[at + 1]}`, { task: "go" }]] }, { text: name }],
    ]);
    const { run, asked } = station(line, Object.fromEntries(said));
    expect(await run()).toMatchObject({ output: "a" });
    expect(asked.map((one) => one.agent)).toEqual(["a", "b", "c", "d", "d", "c", "b", "a"]);
    expect(JSON.stringify(asked[4]?.request.messages)).toContain("max_depth");
  });

  test("a budget is shared with those below", async () => {
    const budget = { ...DEFAULT_RULES.budget, maxTotalTokens: 12 };
    const { run } = station([{ ...parent, rules: rules({ budget }) }, child], turns, { touch });
    expect(await run()).toMatchObject({
      status: "failed",
      error: { code: "token_budget", retryable: false },
    });
  });

  test("over budget and told to pause, it asks, and goes on when granted", async () => {
    const budget = { ...DEFAULT_RULES.budget, maxTotalTokens: 12, onExceeded: "pause" as const };
    const { run, decide, asked } = station([{ ...parent, rules: rules({ budget }) }, child], turns, {
      touch,
    });
    expect(await run()).toMatchObject({ status: "waiting", question: { kind: "budget" } });
    decide("APPROVED");
    expect(await run()).toMatchObject({ output: "thanks" });
    expect(asked).toHaveLength(4);
  });
});

describe("limits", () => {
  const tools = ["touch"];
  const again = (args: object = {}): Said => ({ calls: [["touch", args as never]] });

  test("steps", async () => {
    const { run, calls } = station(
      [agent("a", { ...real, tools, rules: rules({ maxSteps: 2 }) })],
      { a: [again({ n: 1 }), again({ n: 2 })] },
      { touch },
    );
    expect(await run()).toMatchObject({ error: { code: "max_steps", retryable: false } });
    expect(calls).toHaveLength(1);
  });

  test("the same call four times in a row", async () => {
    const { run, calls } = station(
      [agent("a", { ...real, tools })],
      { a: [again(), again(), again(), again()] },
      { touch },
    );
    expect(await run()).toMatchObject({ error: { code: "doom_loop" } });
    expect(calls).toHaveLength(3);
  });

  test("tool calls", async () => {
    const budget = { ...DEFAULT_RULES.budget, maxToolCalls: 1 };
    const { run, calls } = station(
      [agent("a", { ...real, tools, rules: rules({ budget }) })],
      { a: [again({ n: 1 }), again({ n: 2 })] },
      { touch },
    );
    expect(await run()).toMatchObject({ error: { code: "tool_call_budget" } });
    expect(calls).toHaveLength(1);
  });

  describe("money", () => {
    const budget = { ...DEFAULT_RULES.budget, maxCostUsd: 0.05 };
    const spending = agent("a", { ...real, tools, rules: rules({ budget }) });

    test("is counted over agents and turns", async () => {
      const turns = {
        a: [
          { ...again({ n: 1 }), costUsd: 0.04 },
          { ...again({ n: 2 }), costUsd: 0.01 },
        ],
      };
      const { run, calls, asked } = station([spending], turns, { touch });
      expect(await run()).toMatchObject({
        error: { code: "cost_budget", retryable: false, details: { limit: 0.05, used: 0.05 } },
      });
      expect(asked).toHaveLength(2);
      expect(calls).toHaveLength(1);
    });

    test("is not spent where nothing says what the model costs", async () => {
      const { run, asked } = station([spending], { a: [{ text: "x" }] }, { touch }, false);
      expect(await run()).toMatchObject({
        error: { code: "cost_budget", message: expect.stringContaining("STATION_AI_PRICES") },
      });
      expect(asked).toHaveLength(0);
    });
  });

  test("time: the agent's own limit is a timeout, and the tool is told", async () => {
    let told = false;
    const slow: MemoryTool = {
      does: (_args, signal) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => {
            told = true;
            resolve({ status: "unknown", reason: "cancelled" });
          }),
        ),
    };
    const { run, runs } = station(
      [agent("a", { ...real, tools, rules: rules({ timeoutSeconds: 0.3 }) })],
      { a: [again()] },
      { touch: slow },
    );
    expect(await run()).toMatchObject({ error: { type: "timeout", code: "TIMEOUT", retryable: true } });
    expect(told).toBe(true);
    expect(runs.get("ar_1")?.status).toMatchObject({ status: "failed" });
    // The worker died before its step heard of it.
    expect(await run()).toMatchObject({ error: { type: "timeout", retryable: true } });
  });

  test("time: a limit of months is one", async () => {
    const slow: MemoryTool = { does: () => pause(20, says("done")) };
    const { run } = station(
      [agent("a", { ...real, tools, rules: rules({ timeoutSeconds: 90 * 86_400 }) })],
      { a: [again(), { text: "done" }] },
      { touch: slow },
    );
    expect(await run()).toMatchObject({ output: "done" });
  });

  test("a cancelled agent ends as cancelled, never as completed", async () => {
    const abort = new AbortController();
    const canceller: MemoryTool = {
      does: () => {
        abort.abort();
        return says("done");
      },
    };
    const { run } = station(
      [agent("a", { ...real, tools })],
      { a: [again(), { text: "x" }] },
      { touch: canceller },
    );
    expect(await run({}, abort.signal)).toMatchObject({ status: "failed", error: { type: "cancelled" } });
  });
});
