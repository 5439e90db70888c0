import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../json.ts";
import { checkDefinition } from "./check.ts";
import { normalise } from "./normalise.ts";
import type { Block, Definition, State } from "./types.ts";

const nowhere = () => ({ line: 1, column: 1 });

function read(value: JsonValue) {
  return checkDefinition(value, nowhere);
}

function valid(value: JsonValue): Definition {
  const { definition, diagnostics } = read(value);
  expect(diagnostics).toEqual([]);
  if (!definition) throw new Error("no definition");
  return definition;
}

const last = { name: "last", type: "inject", data: {}, end: true };

/** A workflow whose first state is `state`, followed by one called `last`. */
function workflow(state: JsonObject): JsonObject {
  return {
    id: "w",
    states: [{ name: "s", ...("next" in state || "end" in state ? {} : {}), ...state }, last],
  };
}

function ways(
  state: JsonObject,
): readonly (readonly [string, JsonObject, (definition: Definition) => State | undefined])[] {
  const inner: JsonObject = { name: "s", ...state };
  const rest: JsonObject = { name: "last", type: "inject", data: {}, end: true };
  const list = [inner, rest];
  const block = (get: (state: State) => Block | undefined) => (definition: Definition) =>
    get(definition.states[0] as State)?.states[0];
  const holder = (holding: JsonObject): JsonObject => ({
    id: "w",
    states: [{ name: "h", end: true, ...holding }],
  });
  return [
    ["at the top", { id: "w", states: list }, (definition) => definition.states[0]],
    [
      "in a branch",
      holder({ type: "parallel", branches: [{ name: "b", states: list }] }),
      block((state) => (state.type === "parallel" ? state.branches[0] : undefined)),
    ],
    [
      "in a foreach",
      holder({ type: "foreach", itemsPath: "items", iterator: { states: list } }),
      block((state) => (state.type === "foreach" ? state.iterator : undefined)),
    ],
    [
      "in a try",
      holder({ type: "try", try: { states: list }, finally: { states: [rest] } }),
      block((state) => (state.type === "try" ? state.try : undefined)),
    ],
    [
      "in a catch",
      holder({ type: "try", try: { states: [rest] }, catch: list }),
      block((state) => (state.type === "try" ? state.catch : undefined)),
    ],
  ];
}

const agent = { type: "operation", action: "agent.run", input: { agent: "a" }, next: "last" };
const approval = { type: "operation", action: "human.approval", input: { message: "m" }, next: "last" };
const foreach = { type: "foreach", itemsPath: "xs", iterator: { agent: "a" }, next: "last" };
const choice = { type: "switch", conditions: [{ if: "a", next: "last" }], defaultNext: "last" };
const attempt = { type: "try", try: { agent: "a" }, catch: { agent: "b" }, next: "last" };

/** Every spelling: what is canonical, and what else is read as the same. */
const ALIASES: readonly (readonly [string, JsonObject, readonly JsonObject[]])[] = [
  ["next", agent, [{ ...without(agent, "next"), transition: "last" }]],
  [
    "agent.run",
    agent,
    [
      { ...without(agent, "action"), type: "agent" },
      { ...without(agent, "action"), operation: "agent.run" },
      { ...without(agent, "action"), input: { agent: "a", task: "agent.run" } },
      { ...agent, input: { agent: "a", task: "agent.run" } },
    ],
  ],
  [
    "human.approval",
    approval,
    [
      { ...without(approval, "action"), type: "human_approval" },
      { ...without(approval, "action"), type: "approval" },
      { ...without(approval, "action"), input: { message: "m", task: "human.approval" } },
    ],
  ],
  [
    "inject",
    { type: "inject", data: { a: 1 }, next: "last" },
    ["set", "context"].map((type) => ({ type, data: { a: 1 }, next: "last" })),
  ],
  [
    "timer",
    { type: "timer", duration: "90s", next: "last" },
    ["sleep", "delay", "wait"].map((type) => ({ type, duration: "90s", next: "last" })),
  ],
  ["try", attempt, [{ ...attempt, type: "try_catch" }]],
  ["foreach", foreach, ["for", "loop"].map((type) => ({ ...foreach, type }))],
  [
    "signal",
    { type: "signal", signal: "go", next: "last" },
    ["await", "await.signal"].map((type) => ({ type, signal: "go", next: "last" })),
  ],
  [
    "input.agent",
    agent,
    [
      { ...agent, input: {}, agent: "a" },
      { ...without(agent, "input"), agent: "a" },
    ],
  ],
  [
    "input.task",
    { ...agent, input: { agent: "a", task: "do it" } },
    [
      { ...agent, task: "do it" },
      { ...agent, prompt: "do it" },
      { ...agent, input: { agent: "a", agent_task: "do it" } },
      { ...agent, input: { agent: "a", agentTask: "do it" } },
      { ...agent, input: { agent: "a", userInput: "do it" } },
      { ...agent, input: { agent: "a", prompt: "do it" } },
      { ...without(agent, "action"), input: { agent: "a", task: "agent.run", prompt: "do it" } },
      { ...without(agent, "action"), input: { action: "agent.run", agent: "a", task: "do it" } },
    ],
  ],
  [
    "approval fields",
    { ...approval, input: { message: "m", title: "t", summaryPath: "a.b", approvers: ["team:x"] } },
    [
      { ...approval, input: {}, message: "m", title: "t", summaryPath: "a.b", approvers: ["team:x"] },
      { ...approval, input: { prompt: "m", approval_title: "t", summary_path: "a.b", approvers: "team:x" } },
      {
        ...approval,
        input: { summaryPath: "ctx.a.b" },
        prompt: "m",
        approval_title: "t",
        approvers: ["team:x"],
      },
    ],
  ],
  [
    "timeoutSeconds",
    { ...agent, timeoutSeconds: 90 },
    [
      { ...agent, timeout_seconds: 90 },
      { ...agent, timeout: "90s" },
      { ...agent, timeout: "1m30s" },
      { ...agent, timeout: "PT90S" },
      { ...agent, timeout: 90 },
      { ...agent, input: { agent: "a", timeoutSeconds: 90 } },
      { ...agent, input: { agent: "a", timeout_seconds: 90 } },
      { ...agent, input: { agent: "a", timeout: "90s" } },
      { ...agent, timeoutSeconds: 90, timeout: "PT1M30S" },
    ],
  ],
  [
    "retry",
    { ...agent, retry: { maxAttempts: 3, backoffSeconds: 5, retryOn: ["x"] } },
    [
      { ...agent, retry: { max_attempts: 3, backoff: "5s", retry_on: ["x"] } },
      { ...agent, retry: { maxAttempts: 3, backoff: 5, retryOn: "x" } },
      {
        ...agent,
        retry: {
          maxAttempts: 3,
          backoffSeconds: 5,
          retryOn: ["x"],
          multiplier: 2,
          maxBackoffSeconds: 300,
          jitter: true,
        },
      },
    ],
  ],
  ["itemName", { ...foreach, itemName: "x" }, [{ ...foreach, itemVariable: "x" }]],
  [
    "conditions and defaultNext",
    choice,
    [
      { ...choice, conditions: [{ condition: "a", transition: "last" }] },
      { ...without(choice, "defaultNext"), default: "last" },
    ],
  ],
  [
    "paths",
    { ...agent, resultPath: "a.b.0.c" },
    ["ctx.a.b.0.c", "$.a.b.0.c", "a.b[0].c", "ctx.a.b[0].c"].map((resultPath) => ({ ...agent, resultPath })),
  ],
];

describe("every spelling is read as the canonical one, at every nesting level", () => {
  const rows = ALIASES.flatMap(([row, canonical, others]) =>
    others.flatMap((other, index) => {
      const wanted = ways(canonical);
      return ways(other).map(([where, value, get], level) => {
        const [, canonicalValue, getCanonical] = wanted[level] ?? [where, value, get];
        return { row: `${row} (${index + 1})`, where, value, get, canonicalValue, getCanonical };
      });
    }),
  );
  test.each(rows)("$row $where", ({ value, get, canonicalValue, getCanonical }) => {
    const state = get(valid(value));
    expect(state).toBeDefined();
    expect(state).toEqual(getCanonical(valid(canonicalValue)));
  });
});

test("id is read as the name of a state", () => {
  const { states } = valid({ id: "w", states: [{ id: "a", type: "inject", data: {}, end: true }] });
  expect(states[0]?.name).toBe("a");
});

test("$. of a path that is read stays: it looks in the state's input first", () => {
  const { states } = valid(workflow({ ...choice, dataPath: "$.a[0]" }));
  expect(states[0]).toMatchObject({ dataPath: "$.a.0" });
});

test("defaults are written into the canonical form", () => {
  const definition = valid({
    id: "w",
    states: [
      { name: "ask", type: "approval", message: "m", next: "both" },
      { name: "both", type: "parallel", branches: [{ name: "b", agent: "a" }], next: "each" },
      { name: "each", type: "foreach", itemsPath: "xs", iterator: { agent: "a" }, end: true },
    ],
  });
  expect(definition).toEqual({
    id: "w",
    version: "1",
    name: "w",
    start: "ask",
    states: [
      {
        name: "ask",
        type: "operation",
        action: "human.approval",
        message: "m",
        approvers: [],
        quorum: 1,
        excludeStarter: false,
        onReject: "fail",
        onTimeout: "fail",
        escalate: [],
        timeoutSeconds: 86_400,
        transition: { next: "both" },
      },
      {
        name: "both",
        type: "parallel",
        branches: [
          {
            name: "b",
            start: "b",
            resultOf: "b",
            states: [
              { name: "b", type: "operation", action: "agent.run", agent: "a", transition: { end: true } },
            ],
          },
        ],
        join: "all",
        onBranchFailure: "cancel",
        transition: { next: "each" },
      },
      {
        name: "each",
        type: "foreach",
        itemsPath: "xs",
        itemName: "item",
        maxConcurrency: 1,
        iterator: {
          name: "iterator",
          start: "a",
          resultOf: "a",
          states: [
            { name: "a", type: "operation", action: "agent.run", agent: "a", transition: { end: true } },
          ],
        },
        onBranchFailure: "cancel",
        outputAggregation: "results",
        transition: { end: true },
      },
    ],
  });
});

test("naming approvers excludes the starter", () => {
  const { states } = valid(workflow({ ...approval, approvers: ["user:a"] }));
  expect(states[0]).toMatchObject({ excludeStarter: true });
});

test("a quorum may need those whom it is escalated to", () => {
  const escalate = [{ after: "1m", to: ["user:b"] }];
  for (const quorum of [2, { "user:a": 2 }])
    expect(
      valid(workflow({ ...approval, approvers: ["user:a"], quorum, rejectQuorum: 2, escalate })).states[0],
    ).toMatchObject({ quorum });
});

test("retry gets multiplier, limit and jitter; a longer backoff is not cut short", () => {
  const retryOf = (retry: JsonObject) => valid(workflow({ ...agent, retry })).states[0];
  expect(retryOf({ maxAttempts: 2, backoffSeconds: 5 })).toMatchObject({
    retry: { maxAttempts: 2, backoffSeconds: 5, multiplier: 2, maxBackoffSeconds: 300, jitter: true },
  });
  expect(retryOf({ maxAttempts: 2, backoff: "10m" })).toMatchObject({ retry: { maxBackoffSeconds: 600 } });
});

test("concurrency counts all runs of the workflow, one at a time, and is nothing for older programs", () => {
  const states = [{ name: "a", type: "inject", data: {}, end: true }];
  const read = (concurrency?: object) =>
    normalise({ id: "w", states, ...(concurrency && { concurrency }) } as never);
  expect(read({}).draft).toMatchObject({
    form: 2,
    concurrency: { key: "w", limit: 1, onConflict: "queue" },
  });
  expect(read().draft).not.toHaveProperty("form");
  expect(read({ limit: 0 }).issues).toMatchObject([{ code: "WRONG_TYPE", path: "/concurrency/limit" }]);
});

test("what follows a block of a try, however deep, is nothing for older programs", () => {
  const a = { name: "a", type: "inject", data: {}, end: true };
  const tries = (more: object) => ({ name: "t", type: "try", try: { states: [a] }, end: true, ...more });
  const read = (state: object) => normalise({ id: "w", states: [state] } as never).draft;
  const lean = tries({ finally: { states: [a] } });
  expect(read(lean)).toMatchObject({ form: 3 });
  const within = { name: "f", type: "foreach", items: [1], iterator: { states: [lean] }, end: true };
  expect(read(within)).toMatchObject({ form: 3 });
});

test("a start state of type cron is a schedule", () => {
  const schedule = { cron: "0 6 * * *", timezone: "UTC", input: { a: 1 } };
  const states = [{ name: "last", type: "inject", data: {}, end: true }];
  expect(
    valid({ id: "w", states: [{ id: "c", type: "cron", ...schedule, transition: "last" }, ...states] }),
  ).toEqual(valid({ id: "w", schedule, start: "last", states }));
});

test("agent_id still works, with a deprecation warning", () => {
  const { definition, diagnostics } = read(workflow({ ...agent, input: { agent_id: 123 } }));
  expect(definition?.states[0]).toMatchObject({ agent: "123" });
  expect(diagnostics).toMatchObject([
    { code: "DEPRECATED", severity: "warning", path: "/states/0/input/agent_id" },
  ]);
});

test("no JSON value makes normalising throw, and none with an error is a definition", () => {
  const key = fc.constantFrom(
    "id",
    "name",
    "type",
    "states",
    "input",
    "branches",
    "try",
    "next",
    "retry",
    "agent",
    "data",
  );
  const word = fc.constantFrom(
    "agent",
    "parallel",
    "try",
    "switch",
    "approval",
    "a",
    "",
    "ctx.",
    "agent.run",
  );
  const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      word,
      fc.jsonValue() as fc.Arbitrary<JsonValue>,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(value, (any) => {
      const { definition, diagnostics } = read(any);
      expect(definition === null).toBe(diagnostics.some(({ severity }) => severity === "error"));
    }),
  );
});

test("the author's value is not changed", () => {
  const value = workflow(agent);
  const before = structuredClone(value);
  normalise(value);
  expect(value).toEqual(before);
});

function without(value: JsonObject, key: string): JsonObject {
  const { [key]: _, ...rest } = value;
  return rest;
}

test("a time is kept to the millisecond, and may be a hundred years", () => {
  const timeoutOf = (timeoutSeconds: number) =>
    valid({ id: "w", timeoutSeconds, states: [last] }).timeoutSeconds;
  expect(timeoutOf(90.0005)).toBe(90.001);
  expect(timeoutOf(3_155_760_000)).toBe(3_155_760_000);
});

test("a time of more than a hundred years is refused: nobody could tell when it ends", () => {
  const { diagnostics } = read({ id: "w", timeoutSeconds: 3_155_760_001, states: [last] });
  expect(diagnostics).toMatchObject([
    { code: "INVALID_DURATION", message: expect.stringContaining("at most a hundred years") },
  ]);
});

test.each(["", " ", "\n"])("a text without anything in it is empty: %j", (name) => {
  const { issues } = normalise({
    id: "w",
    name,
    states: [{ name: "a", type: "inject", data: {}, end: true }],
  });
  expect(issues).toMatchObject([{ code: "WRONG_TYPE", message: '"name" of the workflow must not be empty' }]);
});
