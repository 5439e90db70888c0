import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { openTo } from "./agent-reference.ts";
import { checkAgents, type KnownAgent } from "./agents.ts";
import { checkDefinition } from "./check.ts";

const nowhere = () => ({ line: 1, column: 1 });

function check(value: JsonValue) {
  return checkDefinition(value, nowhere);
}

function agent(name: string, more: JsonObject): JsonObject {
  return { name, type: "agent", agent: name, ...more };
}

function workflow(...states: readonly JsonObject[]): JsonObject {
  return { id: "w", states };
}

function known(...names: readonly string[]): readonly KnownAgent[] {
  return names.map((name) => ({ name, aliases: [name], file: `agents/${name}.prompt`, problems: [] }));
}

function agentsOf(
  value: JsonValue,
  agents: readonly KnownAgent[],
  others: Readonly<Record<string, readonly KnownAgent[]>> = {},
) {
  const { definition } = check(value);
  if (!definition) throw new Error("the workflow is broken");
  return checkAgents(definition, "default", { own: agents, others }, nowhere);
}

const three = workflow(agent("a", { next: "b" }), agent("b", { next: "c" }), agent("c", { end: true }));

test("TestValidator_AllAgentsExist", () => {
  expect(agentsOf(three, known("a", "b", "c"))).toEqual([]);
});

test("TestValidator_AgentNotFound", () => {
  expect(agentsOf(three, known("a", "b", "pods"))).toMatchObject([
    {
      code: "AGENT_NOT_FOUND",
      severity: "error",
      path: "/states/2/agent",
      message: 'agent not found: "c" in environment "default" (state "c")',
    },
  ]);
});

test("TestValidator_MultipleAgentsNotFound", () => {
  expect(agentsOf(three, known("b")).map(({ actual }) => actual)).toEqual(["a", "c"]);
});

test("an agent of another environment is refused with the reason, and one of the own by its plain name", () => {
  const naming = (name: string) => agentsOf(workflow(agent("s", { agent: name, end: true })), known("pods"));
  expect(naming("pods@staging")).toMatchObject([
    {
      code: "UNSUPPORTED",
      path: "/states/0/agent",
      message: expect.stringContaining('agents are looked for in the workflow\'s own ("default")'),
      hint: expect.stringMatching(
        /^put an agent "pods" into environment "default", or .* STATION_CROSS_ENVIRONMENT_AGENTS=default->staging$/,
      ),
    },
  ]);
  expect(naming("pods@default")).toMatchObject([{ code: "UNSUPPORTED", hint: 'write "pods"' }]);
  expect(agentsOf(workflow(agent("s", { agent: "on@call", end: true })), known("on@call"))).toEqual([]);
});

test("an agent of an environment that is open to this one is taken, and one that is not there is missed there", () => {
  const others = { staging: known("pods") };
  const naming = (name: string) =>
    agentsOf(workflow(agent("s", { agent: name, end: true })), known("own"), others);
  expect(naming("pods@staging")).toEqual([]);
  expect(naming("pod@staging")).toMatchObject([
    {
      code: "AGENT_NOT_FOUND",
      message: 'agent not found: "pod" in environment "staging" (state "s")',
      hint: 'did you mean "pods"?',
    },
  ]);
  expect(naming("pods@prod")).toMatchObject([{ code: "UNSUPPORTED" }]);
  expect(naming("pods")).toMatchObject([{ code: "AGENT_NOT_FOUND" }]);
});

test("environments are open as they were written, never to themselves and never all at once", () => {
  const crossings = [
    { from: "dev", to: "tools" },
    { from: "*", to: "shared" },
    { from: "dev", to: "shared" },
  ];
  expect(openTo(crossings, "dev")).toEqual(["tools", "shared"]);
  expect(openTo(crossings, "prod")).toEqual(["shared"]);
  expect(openTo(crossings, "shared")).toEqual([]);
  expect(openTo([], "dev")).toEqual([]);
});

test("TestValidator_EmptyWorkflow", () => {
  const empty = { code: "EMPTY_WORKFLOW", severity: "error", message: "workflow has no states" };
  expect(check({ id: "w", states: [] }).diagnostics).toMatchObject([empty]);
  expect(check({ id: "w" }).diagnostics).toMatchObject([empty]);
});

test("TestValidator_InvalidStartState", () => {
  const { definition, diagnostics } = check({ ...three, start: "aa" });
  expect(definition).toBeNull();
  expect(diagnostics).toMatchObject([
    {
      code: "START_STATE_NOT_FOUND",
      severity: "error",
      path: "/start",
      message: 'start state not found: "aa"',
      hint: 'did you mean "a"?',
    },
  ]);
});

test("TestValidator_CircularTransition", () => {
  const { definition, diagnostics } = check(workflow(agent("A", { next: "B" }), agent("B", { next: "A" })));
  expect(definition).not.toBeNull();
  expect(diagnostics).toMatchObject([
    {
      code: "CIRCULAR_TRANSITION",
      severity: "warning",
      path: "/states/1/next",
      message: "circular transition detected: A → B → A",
    },
  ]);
});

test("TestValidator_UnreachableState", () => {
  const { definition, diagnostics } = check(workflow(agent("a", { end: true }), agent("b", { end: true })));
  expect(definition).not.toBeNull();
  expect(diagnostics).toMatchObject([
    {
      code: "UNREACHABLE_STATE",
      severity: "warning",
      path: "/states/1/name",
      message: 'unreachable state: nothing leads to "b"',
    },
  ]);
});

test("a state that goes to itself is a circle", () => {
  expect(check(workflow(agent("a", { next: "a" }))).diagnostics).toMatchObject([
    { code: "CIRCULAR_TRANSITION", message: "circular transition detected: a → a" },
  ]);
});

test("a loop that a condition can leave is no circle, one whose switch never leaves it is", () => {
  const loop = (other: string) =>
    workflow(
      agent("look", { next: "decide" }),
      { name: "decide", type: "switch", conditions: [{ if: "x", next: other }], defaultNext: "look" },
      agent("done", { end: true }),
    );
  expect(check(loop("done")).diagnostics).toEqual([]);
  expect(check(loop("look")).diagnostics.map(({ code }) => code)).toContain("CIRCULAR_TRANSITION");
});

test("a circle that is only entered after a failure is found too", () => {
  const { diagnostics } = check(
    workflow(
      agent("a", { onError: { next: "b" }, end: true }),
      agent("b", { next: "c" }),
      agent("c", { next: "b" }),
    ),
  );
  expect(diagnostics).toMatchObject([
    { code: "CIRCULAR_TRANSITION", message: "circular transition detected: b → c → b" },
  ]);
});

test("a wrong target is one finding, not followed by everything that it makes unreachable", () => {
  const { diagnostics } = check(
    workflow(agent("a", { next: "bb" }), agent("b", { next: "c" }), agent("c", { end: true })),
  );
  expect(diagnostics).toMatchObject([
    { code: "UNKNOWN_TARGET", path: "/states/0/next", hint: 'did you mean "b"?', actual: "bb" },
  ]);
});

test("every kind of transition is checked, in nested lists too", () => {
  const inner = [
    { name: "s", type: "switch", conditions: [{ condition: "x", transition: "no1" }], default: "no2" },
    {
      name: "p",
      type: "approval",
      message: "m",
      onReject: { transition: "no3" },
      onTimeout: { next: "no4" },
      next: "no5",
    },
    agent("q", { onError: { next: "no6" }, end: true }),
  ];
  const { diagnostics } = check(
    workflow({
      name: "t",
      type: "try",
      try: { start: "no7", states: inner },
      finally: inner.slice(2),
      end: true,
    }),
  );
  const found = diagnostics.map(({ code, path, actual }) => [code, path, actual]);
  expect(found).toEqual([
    ["START_STATE_NOT_FOUND", "/states/0/try/start", "no7"],
    ["UNKNOWN_TARGET", "/states/0/try/states/0/conditions/0/transition", "no1"],
    ["UNKNOWN_TARGET", "/states/0/try/states/0/default", "no2"],
    ["UNKNOWN_TARGET", "/states/0/try/states/1/next", "no5"],
    ["UNKNOWN_TARGET", "/states/0/try/states/1/onReject/transition", "no3"],
    ["UNKNOWN_TARGET", "/states/0/try/states/1/onTimeout/next", "no4"],
    ["UNKNOWN_TARGET", "/states/0/try/states/2/onError/next", "no6"],
    ["UNKNOWN_TARGET", "/states/0/finally/0/onError/next", "no6"],
  ]);
});

test("a branch cannot go to a state outside of it", () => {
  const { diagnostics } = check(
    workflow(
      {
        name: "p",
        type: "parallel",
        branches: [{ name: "b", states: [agent("x", { next: "after" })] }],
        next: "after",
      },
      agent("after", { end: true }),
    ),
  );
  expect(diagnostics).toMatchObject([{ code: "UNKNOWN_TARGET", path: "/states/0/branches/0/states/0/next" }]);
});

test("an unusable agent file is found before the run", () => {
  const problems = [{ severity: "error", message: "bad", line: 3 }] as const;
  const broken = { name: "a", aliases: ["a"], file: "agents/a.prompt", problems };
  expect(agentsOf(workflow(agent("a", { end: true })), [broken])).toMatchObject([
    { code: "AGENT_UNUSABLE", message: 'agent "a" cannot be used (state "a"): agents/a.prompt:3 bad' },
  ]);
});

test("an agent answers to each of its aliases", () => {
  const agents = [{ name: "Pod Checker", aliases: ["Pod Checker", "pod-checker"], file: "f", problems: [] }];
  expect(agentsOf(workflow({ name: "s", type: "agent", agent: "pod-checker", end: true }), agents)).toEqual(
    [],
  );
});

const closed = { type: "object", properties: { namespace: { type: "string" } } };

test("a name that no input declares and no state writes is a warning with the nearest one", () => {
  const { diagnostics } = check({
    ...workflow(
      agent("a", { task: "in {{ ctx.namspace }} and {{ steps.b.x }} and {{ namespace }}", end: true }),
    ),
    inputSchema: closed,
  });
  expect(diagnostics).toMatchObject([
    { code: "UNKNOWN_NAME", severity: "warning", path: "/states/0/task", hint: 'did you mean "namespace"?' },
    { code: "UNKNOWN_NAME", message: expect.stringContaining('there is no state "b"') },
  ]);
});

test("without a declared input any name may be there", () => {
  const states = workflow(agent("a", { task: "in {{ ctx.anything }}", end: true }));
  expect(check(states).diagnostics).toEqual([]);
  expect(check({ ...states, inputSchema: { ...closed, additionalProperties: true } }).diagnostics).toEqual(
    [],
  );
  expect(check({ ...states, inputSchema: { ...closed, anyOf: [closed] } }).diagnostics).toEqual([]);
});

test.each([
  ["{{ _cronTriggeredAt }} {{ ctx._cronTimezone }} {{ ctx }}", []],
  ["{{ workflow.id }}", ["error"]],
  ["{{ ctx.steps.a }}", ["error"]],
  ["$.day", ["error"]],
])("a schedule's input reads its tick alone, for there is no run yet: %s", (day, severities) => {
  const states = [{ name: "a", type: "inject", data: { day: 1 }, end: true }];
  const { diagnostics } = check({ id: "w", schedule: { cron: "@daily", input: { day } }, states });
  expect(diagnostics.map(({ severity }) => severity)).toEqual(severities);
});

test.each([
  ["{{ namespace }}/{{ input.namespace }}/{{ workflow.id }}/{{ _cronTriggeredAt }}", []],
  ["{{ written }}", ["warning"]],
  ["{{ steps.a.written }}", ["warning"]],
  ["$.written", ["warning"]],
])("a concurrency key reads the run's input, for no state has written anything: %s", (key, severities) => {
  const states = [{ name: "a", type: "inject", data: { written: 1 }, end: true }];
  const { diagnostics } = check({ id: "w", inputSchema: closed, concurrency: { key }, states });
  expect(diagnostics.map(({ severity }) => severity)).toEqual(severities);
});

test("a long list of states is checked in little time", () => {
  const states = Array.from({ length: 10_000 }, (_, i) =>
    agent(`s${i}`, i < 9_999 ? { next: `s${i + 1}` } : { end: true }),
  );
  const started = performance.now();
  expect(check(workflow(...states)).diagnostics).toEqual([]);
  expect(performance.now() - started).toBeLessThan(20_000);
});
