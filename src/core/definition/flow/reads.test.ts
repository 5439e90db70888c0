import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../json.ts";
import { agent, ask, flowOf, object } from "./test-flow.ts";

const text = { type: "string" };
const agents = [
  agent("checker", undefined, object({ pods: { type: "array", items: text }, rate: { type: "number" } })),
  agent("strict", undefined, object({ rate: { type: "number" } }, { additionalProperties: false })),
  agent("any"),
];
const inputSchema = object({ service: text }, { additionalProperties: false });

function flow(...states: readonly JsonObject[]) {
  return flowOf({ inputSchema, states }, agents);
}

function reading(path: string, ...before: readonly JsonObject[]) {
  return flow(...before, { name: "read", type: "inject", data: { x: `{{ ${path} }}` }, end: true });
}

const strict = ask("check", "strict", { next: "read" });
const loose = ask("check", "checker", { next: "read" });
const config = { name: "config", type: "inject", data: { limit: { low: 1 } }, next: "read" };

describe("what is read must be there", () => {
  test.each<[string, JsonObject, string, readonly string[]]>([
    ["a field of a closed output", strict, "steps.check.rate", []],
    ["the result under its published names", strict, "steps.check.result.rate", []],
    [
      "a field that a closed output cannot have",
      strict,
      "steps.check.rat",
      ['error /states/1/data/x: "data" of state "read": "steps.check" has no "rat" (did you mean "rate"?)'],
    ],
    [
      "a field that an output does not declare",
      loose,
      "steps.check.podz",
      [
        'warning /states/1/data/x: "data" of state "read": "steps.check" declares no "podz" (did you mean "pods"?)',
      ],
    ],
    ["what a constant holds", config, "limit.low", []],
    [
      "what a constant does not hold",
      config,
      "limit.high",
      ['error /states/1/data/x: "data" of state "read": "limit" has no "high" (there is low)'],
    ],
    [
      "a field of a text",
      config,
      "service.name",
      ['error /states/1/data/x: "data" of state "read": "service" has no "name"'],
    ],
    [
      "an approval's answer, misspelled",
      { name: "ask", type: "approval", message: "m", next: "read" },
      "steps.ask.aproved",
      [
        'error /states/1/data/x: "data" of state "read": "steps.ask" has no "aproved" (did you mean "approved"?)',
      ],
    ],
    ["anything of an agent that says nothing", ask("a", "any", { next: "read" }), "steps.a.b.c", []],
    [
      "the result of a transform",
      { name: "t", type: "transform", expression: "{}", next: "read" },
      "steps.t.x",
      [],
    ],
    [
      "the result of a transform that is a path",
      { name: "t", type: "transform", expression: "service", next: "read" },
      "steps.t.x",
      ['error /states/1/data/x: "data" of state "read": "steps.t" has no "x"'],
    ],
    ["a field of the state's input", strict, "$.rate", []],
    [
      "a field that the state's input cannot have",
      strict,
      "$.speed",
      [
        'error /states/1/data/x: "data" of state "read": the state\'s input has no "speed" at this point (there is rate)',
      ],
    ],
  ])("%s", (_, before, path, expected) => expect(reading(path, before)).toEqual(expected));

  test("what a state is merged with may have come with the input, where nothing says what that is", () => {
    const read = { name: "read", type: "inject", data: { x: "{{ limit.high }}" }, end: true };
    expect(flowOf({ states: [config, read] }, agents)).toEqual([]);
    const below = { ...config, data: { at: 1 }, resultPath: "limit.low" };
    const branches = [{ name: "one", states: [below, read] }];
    expect(flowOf({ states: [{ name: "p", type: "parallel", branches, end: true }] }, agents)).toEqual([]);
    const replacing = { ...config, data: { low: 1 }, resultPath: "limit" };
    expect(flowOf({ states: [replacing, read] }, agents)).toEqual([
      'error /states/1/data/x: "data" of state "read": "limit" has no "high" (there is low)',
    ]);
  });

  test("a state that comes later has no result yet, one of a sibling branch never", () => {
    expect(
      flow(
        { name: "read", type: "inject", data: { x: "{{ steps.check.rate }}" }, next: "check" },
        ask("check", "strict", { end: true }),
      ),
    ).toEqual(['error /states/0/data/x: "data" of state "read": "steps" has no "check" at this point']);
    const branches = [
      { name: "a", states: [ask("check", "strict", { end: true })] },
      {
        name: "b",
        states: [{ name: "read", type: "inject", data: { x: "{{ steps.check.rate }}" }, end: true }],
      },
    ];
    expect(flow({ name: "p", type: "parallel", branches, end: true })).toEqual([
      'error /states/0/branches/1/states/0/data/x: "data" of state "read": "steps" has no "check" at this point',
    ]);
  });

  test("what a loop provides from its second turn on may be there", () => {
    const wait = { name: "wait", type: "timer", duration: "{{ steps.check.rate }}", next: "check" };
    const turn = {
      name: "turn",
      type: "switch",
      conditions: [{ if: "True", next: "wait" }],
      defaultNext: "end",
    };
    const end = { name: "end", type: "inject", data: {}, end: true };
    expect(flow(wait, ask("check", "strict", { next: "turn" }), turn, end)).toEqual([]);
  });

  test("the results of branches and of a foreach", () => {
    const each = {
      name: "each",
      type: "foreach",
      itemsPath: "steps.check.pods",
      iterator: { agent: "strict" },
      end: true,
    };
    const branches = [
      { name: "one", states: [ask("check", "checker", { next: "each" }), each] },
      { name: "two", states: [ask("two", "strict", { resultPath: "result", end: true })] },
    ];
    const both = { name: "both", type: "parallel", branches, next: "read" };
    expect(reading("steps.both.one.0.rate", both)).toEqual([]);
    expect(reading("steps.both.two.result.rate", both)).toEqual([]);
    expect(reading("steps.both.three", both)[0]).toMatch(
      /^error .*"steps.both" has no "three" \(there is one, two\)$/,
    );
    expect(reading("steps.both.one.0.rat", both)[0]).toMatch(/^error .*"steps.both.one.0" has no "rat"/);
  });

  test("what a failed try may have written may be there in its catch, and the error is", () => {
    const attempt = (path: string) => ({
      name: "t",
      type: "try",
      try: [ask("check", "strict", { next: "b" }), ask("b", "any", { end: true })],
      catch: [{ name: "read", type: "inject", data: { x: `{{ ${path} }}` }, end: true }],
      end: true,
    });
    expect(flow(attempt("steps.check.rate"))).toEqual([]);
    expect(flow(attempt("error.message"))).toEqual([]);
    expect(flow(attempt("error.mesage"))[0]).toMatch(
      /^error .*"error" has no "mesage" \(did you mean "message"\?\)$/,
    );
  });
});

describe("lists and summaries", () => {
  const over = (itemsPath: string) =>
    flow(ask("check", "checker", { next: "each" }), {
      name: "each",
      type: "foreach",
      itemsPath,
      iterator: { agent: "any" },
      end: true,
    });

  test("only a list can be gone through", () => {
    expect(over("steps.check.pods")).toEqual([]);
    expect(over("steps.check.rate")).toEqual([
      'error /states/1/itemsPath: "itemsPath" of state "each": "steps.check.rate" is number, not a list',
    ]);
    expect(over("steps.check")[0]).toMatch(/is object, not a list$/);
  });

  test("dataPath and summaryPath lead somewhere", () => {
    const choose = {
      name: "read",
      type: "switch",
      dataPath: "steps.check.rat",
      conditions: [{ if: "True", next: "end" }],
      defaultNext: "end",
    };
    const end = { name: "end", type: "approval", message: "m", summaryPath: "steps.check.rates", end: true };
    expect(flow(strict, choose, end).map((line) => line.split(":")[0])).toEqual([
      "error /states/1/dataPath",
      "error /states/2/summaryPath",
    ]);
  });
});

describe("names in expressions", () => {
  const said = (names: readonly (readonly [string, readonly string[]])[]) => (expression: string) => ({
    names: expression === "it" ? names.map(([name, paths]) => ({ name, line: 1, column: 1, paths })) : [],
  });
  const choose = {
    name: "read",
    type: "switch",
    dataPath: "steps.check",
    conditions: [{ if: "it", next: "end" }],
    defaultNext: "end",
  };
  const end = { name: "end", type: "inject", data: {}, end: true };
  const names = (...found: readonly (readonly [string, readonly string[]])[]) =>
    flowOf({ inputSchema, states: [strict, choose, end] }, agents, said(found));

  test("the keys of a dataPath are names, and only they", () => {
    expect(
      names(["rate", [""]], ["result", ["rate"]], ["val", [""]], ["service", [""]], ["_timestamp", [""]]),
    ).toEqual([]);
    expect(names(["rte", [""]])).toEqual([
      'error /states/1/conditions/0/if: condition 1 of state "read": the context has no "rte" at this point (did you mean "rate"?)',
    ]);
    expect(names(["result", ["rte"]])[0]).toMatch(/^error .*"result" has no "rte"/);
    expect(names(["ctx", ["steps.check.rte"]])[0]).toMatch(/^error .*"ctx.steps.check" has no "rte"/);
  });

  test("a builtin as an argument is not the key of a dataPath that has its name", () => {
    const agents = [agent("strict", undefined, object({ type: text, "max?": text }))];
    const condition = (condition: string) => {
      const choosing = { ...choose, conditions: [{ if: condition, next: "end" }] };
      const schema = object({ list: { type: "array" } });
      return flowOf({ inputSchema: schema, states: [strict, choosing, end] }, agents);
    };
    const warning = (name: string, data: string) =>
      `warning /states/1/conditions/0/if: condition 1 of state "read": "${name}" as an argument is the function of that name, not the data (write ${data} for the data)`;
    expect(condition('str(type) == "error"')).toEqual([warning("type", "result.type")]);
    expect(condition("len(list) > int(max)")).toEqual([
      warning("list", "ctx.list"),
      warning("max", "result.max"),
    ]);
    expect(condition('type == "error" and len(result.max) > max(1, 2) and str(hash) == ""')).toEqual([]);
  });

  test("who asks first whether a key is there is not told that it is not", () => {
    const guarded = { ...choose, conditions: [{ if: 'hasattr(result, "rte") and result.rte', next: "end" }] };
    const description = () => ({ names: [{ name: "result", line: 1, column: 1, paths: ["rte"] }] });
    expect(flowOf({ inputSchema, states: [strict, guarded, end] }, agents, description)).toEqual([]);
  });
});

describe("the workflow's own ends", () => {
  const only = ask("only", "strict", { end: true });

  test("an output that leads nowhere is an error, one of another type a warning", () => {
    expect(flowOf({ states: [only], output: "steps.only.rate" }, agents)).toEqual([]);
    expect(flowOf({ states: [only], output: "steps.only.rat" }, agents)).toEqual([
      'error /output: "output": "steps.only" has no "rat" (did you mean "rate"?)',
    ]);
    expect(flowOf({ states: [only], outputSchema: object({ rate: text }) }, agents)).toEqual([
      'warning /outputSchema: the workflow\'s output does not match "outputSchema": "rate" must be string, and is number',
    ]);
  });

  test("a schedule whose input the workflow refuses", () => {
    const scheduled = (input: JsonObject) =>
      flowOf({ inputSchema, schedule: { cron: "@daily", input }, states: [only] }, agents);
    expect(scheduled({ service: "a" })).toEqual([]);
    expect(scheduled({ service: "{{ _cronTriggeredAt }}" })).toEqual([]);
    expect(scheduled({ service: 1 })).toEqual([
      'error /schedule/input: input of the schedule: "service" must be string, and is 1',
    ]);
  });
});
