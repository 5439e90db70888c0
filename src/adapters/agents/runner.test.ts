import { describe, expect, test } from "vitest";
import { createTestRunner } from "../../../test/support/agent-runner.ts";
import type { AgentDefinition } from "../../core/definition/agent.ts";
import { createSchemas } from "../json-schema/schemas.ts";
import { agent, keepingLog, loading, request } from "./test-agents.ts";

const schemas = createSchemas();
const never = new AbortController().signal;

function runnerOf(...agents: readonly AgentDefinition[]) {
  const log = keepingLog();
  const clock = { now: () => 0, random: () => 0 };
  return { log, ...createTestRunner({ load: loading(...agents), schemas, clock, log }) };
}

const triage = agent("Kubernetes Triage", {
  aliases: ["Kubernetes Triage", "kubernetes-triage", "k8s_triage", "k8s-triage"],
  file: "agents/k8s_triage.prompt",
});
const done = { status: "completed", output: "done", simulated: true };

describe("a step finds its agent", () => {
  test.each(["Kubernetes Triage", "kubernetes-triage", "k8s_triage", "k8s-triage", " k8s-triage "])(
    "as %j",
    async (name) => expect(await runnerOf(triage).run(request(name), never)).toEqual(done),
  );

  test("under a name made of digits, as under any other", async () =>
    expect(await runnerOf(agent("123")).run(request("123"), never)).toEqual(done));

  test("or fails for good, with the name that was probably meant", async () =>
    expect(await runnerOf(triage, agent("notifier")).run(request("notifer"), never)).toEqual({
      status: "failed",
      error: {
        type: "validation",
        code: "agent_not_found",
        message: 'agent "notifer" not found in environment "default"; did you mean "notifier"?',
        retryable: false,
        details: { agent: "notifer", environment: "default", names: ["Kubernetes Triage", "notifier"] },
      },
    }));

  test("in its own environment only", async () =>
    expect(await runnerOf(triage).run(request("k8s-triage", { environment: "prod" }), never)).toMatchObject({
      error: { code: "agent_not_found", message: 'agent "k8s-triage" not found in environment "prod"' },
    }));

  test.each(["", "  "])("and must name one: %j", async (name) =>
    expect(await runnerOf(triage).run(request(name), never)).toMatchObject({
      error: { type: "validation", message: "agent name is required", retryable: false },
    }),
  );

  test("unless two agents answer to the name: then neither is chosen", async () => {
    const other = agent("k8s-triage", { file: "agents/other.prompt" });
    const runner = runnerOf(triage, other);
    expect(await runner.run(request("k8s-triage"), never)).toMatchObject({
      error: {
        code: "agent_ambiguous",
        message: expect.stringContaining("agents/k8s_triage.prompt and agents/other.prompt"),
        retryable: false,
      },
    });
    expect(await runner.run(request("k8s_triage"), never)).toEqual(done);
  });
});

describe("without a key", () => {
  test("a real model fails the step and nothing steps in for it", async () =>
    expect(await runnerOf(agent("a", { model: "openai/gpt-4o" })).run(request("a"), never)).toMatchObject({
      status: "failed",
      error: {
        type: "agent_error",
        code: "llm_auth",
        message: expect.stringMatching(/"openai\/gpt-4o": OPENAI_API_KEY is not set/),
        retryable: false,
      },
    }));

  test("a cancelled step never starts", async () =>
    expect(await runnerOf(agent("a")).run(request("a"), AbortSignal.abort())).toMatchObject({
      error: { type: "cancelled", retryable: false },
    }));
});

describe("the output is checked against the agent's schema", () => {
  const outputSchema = {
    type: "object",
    properties: { status: { enum: ["healthy", "critical"] }, pods: { type: "array", default: [] } },
    required: ["status"],
  };

  test("one that fits is kept with the schema's defaults", async () =>
    expect(
      await runnerOf(agent("a", { outputSchema, script: [{ output: { status: "healthy" } }] })).run(
        request("a"),
        never,
      ),
    ).toEqual({ status: "completed", output: { status: "healthy", pods: [] }, simulated: true }));

  test("one that does not is kept as it is, with a note and a line in the log", async () => {
    const runner = runnerOf(agent("a", { outputSchema, script: [{ output: { status: "weird" } }] }));
    const errors = [
      { pointer: "/status", keyword: "enum", message: 'must be one of healthy, critical; got "weird"' },
    ];
    expect(await runner.run(request("a"), never)).toEqual({
      status: "completed",
      output: { status: "weird" },
      simulated: true,
      validation: { code: "SCHEMA_VALIDATION_OUTPUT", errors },
    });
    expect(runner.log.warnings).toEqual([
      [
        "agent output does not match its schema",
        {
          run_id: "run_1",
          step_id: "step",
          attempt: 1,
          executor: "agent.run",
          agent: "a",
          agent_run_id: "ar_1",
          errors,
        },
      ],
    ]);
  });
});

describe("without a script", () => {
  const { script: _, ...silent } = agent("pod-checker");

  test("the answer says that it is simulated, and repeats the task", async () => {
    const runner = runnerOf(silent);
    expect(await runner.run(request("pod-checker", { task: "Check pods" }), never)).toEqual({
      status: "completed",
      output: "[simulated] pod-checker: Check pods",
      simulated: true,
    });
    expect(await runner.run(request("pod-checker"), never)).toMatchObject({
      output: "[simulated] pod-checker",
    });
  });

  test("a schema is answered with its smallest instance", async () => {
    const outputSchema = {
      type: "object",
      properties: { pods: { type: "array" }, summary: { type: "string" }, extra: { type: "string" } },
      required: ["pods", "summary"],
    };
    expect(await runnerOf({ ...silent, outputSchema }).run(request("pod-checker"), never)).toEqual({
      status: "completed",
      output: { pods: [], summary: "[simulated summary]" },
      simulated: true,
    });
  });
});

test("list shows every agent with its problems, and files that are no agents under their own name", async () => {
  const problem = {
    code: "SYNTAX",
    severity: "error",
    path: "",
    line: 3,
    column: 1,
    message: "broken",
  } as const;
  const clock = { now: () => 0, random: () => 0 };
  const load = async () => ({
    agents: [triage, agent("actor", { script: [{ say: "hi" }] })],
    problems: [{ ...problem, file: "agents/My Agent.prompt" }],
  });
  const runner = createTestRunner({ load, schemas, clock, log: keepingLog() });
  const infos = await runner.list("default");
  expect(infos.map(({ name, aliases, simulated }) => ({ name, aliases, simulated }))).toEqual([
    { name: "Kubernetes Triage", aliases: triage.aliases, simulated: true },
    { name: "My Agent", aliases: ["My Agent", "my-agent"], simulated: false },
    { name: "actor", aliases: ["actor"], simulated: true },
  ]);
  expect(infos.map(({ problems }) => problems.map(({ path, message }) => [path, message]))).toEqual([
    [],
    [["", "broken"]],
    [["/script/0", "entry 1 of the script: must have exactly one of text, output, sleep_ms, error, call"]],
  ]);
  expect(await runner.run(request("my-agent"), never)).toMatchObject({
    error: {
      code: "agent_invalid",
      message: 'agent "my-agent" cannot be used: agents/My Agent.prompt:3: broken',
    },
  });
});
