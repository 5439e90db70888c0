import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { simulatedAgent } from "../../../test/support/simulated-agent.ts";
import { createUnderstudy } from "../../adapters/agents/understudy.ts";
import { readDefinition } from "../../adapters/files/definition.ts";
import { parseSource } from "../../adapters/files/yaml.ts";
import { createSchemas } from "../../adapters/json-schema/schemas.ts";
import { createStarlark } from "../../adapters/starlark/starlark.ts";
import { runTestFile, type TestFilePorts } from "./run-test-file.ts";

const starlark = createStarlark();
beforeAll(() => starlark.ready(), 60_000);
afterAll(() => starlark.close());

const AGENTS = [
  simulatedAgent("checker", {
    inputSchema: { type: "object", properties: { pods: { type: "integer" } }, required: ["pods"] },
    outputSchema: {
      type: "object",
      properties: { status: { enum: ["ok", "bad"] } },
      required: ["status"],
    },
  }),
  simulatedAgent("notifier"),
  simulatedAgent("broken", {
    problems: [
      { code: "INVALID_VALUE", severity: "error", path: "", line: 3, column: 1, message: "no frontmatter" },
    ],
  }),
];

const schemas = createSchemas();
const ports: TestFilePorts = {
  expressions: starlark,
  schemas,
  understudy: createUnderstudy(async () => AGENTS, schemas),
  definitions: { read: readDefinition },
  parse: ({ text, format }) => parseSource(text, format),
  now: () => performance.now(),
};

function run(workflow: string, tests: string) {
  return runTestFile(ports, { text: tests, format: "yaml", file: "w.test.yaml" }, async () => ({
    source: { text: workflow, format: "yaml", file: "w.workflow.yaml" },
    environment: "default",
  }));
}

/** The only test of a file. */
async function only(workflow: string, test: string) {
  const { diagnostics, tests } = await run(workflow, `tests:\n  - name: it\n${test.replace(/^/gm, "    ")}`);
  expect(diagnostics).toEqual([]);
  const [result] = tests;
  if (!result) throw new Error("there is no test");
  return result;
}

const APPROVAL = `
id: w
states:
  - { name: ask, type: approval, message: "Go?", timeout: 60d, next: tell }
  - { name: tell, type: agent, agent: notifier, task: "went {{ steps.ask.decidedBy }}", end: true }
`;

const POLL = `
id: w
states:
  - { name: look, type: agent, agent: checker, input: { variables: { pods: 3 } }, next: decide }
  - { name: decide, type: switch, conditions: [{ if: 'steps.look.status == "ok"', next: done }], defaultNext: wait }
  - { name: wait, type: timer, duration: 1m, next: look }
  - { name: done, type: inject, data: { done: true }, end: true }
`;

describe("a rehearsed workflow", () => {
  it("skips the thirty days that a person takes to decide", async () => {
    const result = await only(
      APPROVAL,
      `approvals: { ask: { decision: approve, by: "user:eve", after: 30d } }
expect: { status: COMPLETED, takes: 30d, calls: { tell: { task: "went user:eve" } } }`,
    );
    expect(result).toMatchObject({ passed: true, mismatches: [] });
    // 50 ms alone; the machine may be busy.
    expect(result.durationMs).toBeLessThan(5_000);
  });

  it("lets an approval expire that nobody decides", async () => {
    const result = await only(APPROVAL, "expect: { status: FAILED, takes: 60d, calls: { tell: 0 } }");
    expect(result.mismatches).toEqual([]);
  });

  it("gives an agent's answers one after the other, and the last one again", async () => {
    const result = await only(
      POLL,
      `agents: { checker: [{ output: { status: bad } }, { output: { status: bad } }, { output: { status: ok } }] }
expect: { status: COMPLETED, calls: { look: 3 }, takes: 2m, context: { done: true } }`,
    );
    expect(result.mismatches).toEqual([]);
  });

  it("fails as in earnest when it polls what never changes", { timeout: 60_000 }, async () => {
    const result = await only(
      POLL,
      "agents: { checker: { output: { status: bad } } }\nexpect: { status: FAILED, error: { code: LOOP_LIMIT } }",
    );
    expect(result.mismatches).toEqual([]);
  });

  it("is not begun where no run is: nothing comes of its concurrency key", async () => {
    const workflow = `
id: w
concurrency: { key: "{{ input.service }}" }
states:
  - { name: a, type: inject, data: { done: true }, end: true }
`;
    const given = await only(workflow, "input: { service: shop }\nexpect: { status: COMPLETED }");
    expect(given.mismatches).toEqual([]);
    const missing = await only(workflow, "input: { region: eu }\nexpect: { status: COMPLETED }");
    expect(missing.mismatches).toMatchObject([
      { pointer: "/tests/0/input", message: expect.stringContaining('"concurrency.key" cannot be made') },
    ]);
  });

  it("begins with what its schedule would give it", async () => {
    const workflow = `
id: w
schedule: { cron: "@daily", input: { day: "{{ _cronTriggeredAt[:10] }}", region: eu } }
states: [{ name: tell, type: agent, agent: notifier, task: "{{ day }} {{ region }}", end: true }]
`;
    const result = await only(
      workflow,
      "input: { region: us }\nexpect: { status: COMPLETED, calls: { tell: { task: 2026-01-05 us } } }",
    );
    expect(result.mismatches).toEqual([]);
  });

  it("is broken off when it waits for a signal that never comes", async () => {
    const workflow = "id: w\nstates: [{ name: wait, type: signal, signal: go, end: true }]";
    const result = await only(workflow, "expect: { status: COMPLETED }");
    expect(result.mismatches[0]).toMatchObject({
      pointer: "/tests/0/name",
      message: 'the run was broken off; it waits for what never comes: "wait"',
    });
  });

  it("gives agents without an answer the smallest output their schema allows", async () => {
    const result = await only(POLL, "expect: { context: { done: true } }");
    expect(result.mismatches).toEqual([]);
  });

  it("checks an agent's input as the agent would, and does not call it", async () => {
    const workflow = POLL.replace("pods: 3", 'pods: "three"');
    const result = await only(workflow, "expect: { error: { code: SCHEMA_VALIDATION_INPUT, state: look } }");
    expect(result.mismatches).toEqual([]);
  });

  it("fails as in earnest where an agent's file cannot be used", async () => {
    const expected = "expect: { error: { code: agent_invalid, state: look } }";
    const result = await only(POLL.replace("agent: checker", "agent: broken"), expected);
    expect(result.mismatches).toEqual([]);
    expect(result.outturn?.error?.["message"]).toContain("agents/broken.prompt:3: no frontmatter");
  });

  it("answers in the place of the runs that it calls, as often and as late as they are called", async () => {
    const workflow = `
id: w
states:
  - name: drain
    type: workflow
    workflow: drain-node
    input: { variables: { node: n1 } }
    retry: { maxAttempts: 3, backoffSeconds: 60, jitter: false }
    next: look
  - { name: look, type: workflow, workflow: look-around, timeout: 10m, continueOnError: true, end: true }
`;
    const result = await only(
      workflow,
      `workflows:
  drain: [{ error: { code: RUN_FAILED, retryable: true } }, { output: { moved: 12 }, takes: 5m }]
  look-around: { output: 1, takes: 1h }
expect:
  status: COMPLETED
  calls: { drain: [{ variables: { node: n1 }, attempt: 1 }, { attempt: 2 }], look-around: 1 }
  that: steps.drain.moved == 12 and steps.look == None
  takes: 16m`,
    );
    expect(result.mismatches).toEqual([]);
  });

  it("ends an attempt at its timeout", async () => {
    const workflow = POLL.replace("agent: checker,", "agent: checker, timeout: 90s,");
    const result = await only(
      workflow,
      `agents: { look: { output: { status: ok }, takes: 2m } }
expect: { status: FAILED, error: { code: TIMEOUT }, takes: 90s }`,
    );
    expect(result.mismatches).toEqual([]);
  });
});

describe("a test that proves nothing", () => {
  it("names an answer that the agent could never give, where it stands", async () => {
    const result = await only(
      POLL,
      `agents: { checker: [{ output: { status: okay } }, { output: { status: ok } }] }\nexpect: {}`,
    );
    expect(result.mismatches[0]).toMatchObject({
      line: 3,
      message: expect.stringContaining('agent "checker" could not answer this: must be one of ok, bad'),
    });
  });

  it("names answers for agents and approvals that the workflow does not have", async () => {
    const result = await only(
      APPROVAL,
      `agents: { notifer: { output: 1 } }\napprovals: { aks: { decision: approve } }\nexpect: {}`,
    );
    expect(result.mismatches).toMatchObject([
      { line: 3, hint: 'did you mean "notifier"?' },
      { line: 4, hint: 'did you mean "ask"?' },
    ]);
  });

  it("is refused when it is misspelled, with its line and what was meant", async () => {
    const { diagnostics, tests } = await run(APPROVAL, "tests:\n  - name: it\n    expcet: {}\n");
    expect(tests).toEqual([]);
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        code: "UNKNOWN_KEY",
        file: "w.test.yaml",
        line: 3,
        hint: 'did you mean "expect"?',
      }),
    );
  });

  it("is not run against a broken workflow", async () => {
    const { diagnostics } = await run("id: w\nstates: []\n", "tests: [{ name: it, expect: {} }]");
    expect(diagnostics).toMatchObject([{ file: "w.workflow.yaml", code: "EMPTY_WORKFLOW" }]);
  });

  it("says which expression does not hold", async () => {
    const result = await only(APPROVAL, "expect:\n  that:\n    - 1 < 2\n    - steps.nowhere == 1");
    expect(result.mismatches).toMatchObject([{ pointer: "/tests/0/expect/that/1", line: 6 }]);
  });
});
