import { expect, test } from "vitest";
import type { JsonObject } from "../json.ts";
import { checkDefinition } from "./check.ts";
import { expressionsOf, judgeExpressions } from "./expressions.ts";
import type { Definition } from "./types.ts";

const where = (path: string, _on?: string, offset = 0) => ({ line: 1, column: offset + 1, path });

function definition(value: JsonObject): Definition {
  const read = checkDefinition({ id: "w", ...value }, where);
  if (!read.definition) throw new Error(JSON.stringify(read.diagnostics));
  return read.definition;
}

const workflow = definition({
  inputSchema: { type: "object", properties: { service: { type: "string" } } },
  output: "len(steps.b)",
  states: [
    {
      id: "a",
      type: "agent",
      agent: "x",
      prompt: "{{ service }}: {{ len(service) }} of $" + "{max(1, 2)}",
      transition: "b",
    },
    { id: "b", type: "transform", expression: "x = 1\nx + 1", transition: "c" },
    {
      id: "c",
      type: "switch",
      dataPath: "steps.b",
      conditions: [{ condition: "result > 1", transition: "d" }],
      default: "d",
    },
    { id: "d", type: "inject", data: { deep: [{ text: "{{ 1 + 1 }}" }] }, end: true },
  ],
});

test("every condition, transform, template expression and output is found where the author wrote it", () => {
  const found = expressionsOf(workflow).map(({ program, pointer, offset }) => [
    program.mode,
    program.text,
    pointer,
    offset,
  ]);
  expect(found).toEqual([
    ["expression", "len(steps.b)", "/output", 0],
    ["transform", "x = 1\nx + 1", "/states/1/expression", 0],
    ["expression", "result > 1", "/states/2/conditions/0/condition", 0],
    ["expression", "len(service)", "/states/0/prompt", 18],
    ["expression", "max(1, 2)", "/states/0/prompt", 39],
    ["expression", "1 + 1", "/states/3/data/deep/0/text", 3],
  ]);
});

test("a syntax error is placed within the text it stands in", () => {
  const expressions = expressionsOf(workflow);
  const descriptions = expressions.map(({ program }) =>
    program.text === "len(service)"
      ? { names: [], error: { kind: "syntax", message: "got ')'", line: 1, column: 5 } }
      : { names: [] },
  );
  expect(judgeExpressions(expressions, descriptions, where)).toEqual([
    {
      code: "EXPRESSION_SYNTAX",
      severity: "error",
      path: "/states/0/prompt",
      line: 1,
      column: 23,
      message: `"task" of state "a": got ')'`,
      actual: "len(service)",
    },
  ]);
});

test("an expression in the braces of a text is said how to write", () => {
  const braced = definition({
    output: "{{ steps.a }}",
    states: [
      { id: "a", type: "inject", data: {}, transition: "b" },
      {
        id: "b",
        type: "switch",
        conditions: [{ if: "$" + "{ x } > 1 and {{ y }} == {}", next: "a" }],
        defaultNext: "a",
      },
    ],
  });
  const error = { message: "unexpected", line: 1, column: 1 };
  const expressions = expressionsOf(braced);
  const found = judgeExpressions(
    expressions,
    [
      { error, names: [] },
      { error, names: [] },
    ],
    where,
  );
  expect(found.map(({ hint }) => hint)).toEqual([
    "write steps.a, without braces",
    "write x > 1 and y == {}, without braces",
  ]);
});

test("a name that nothing declares is a warning, a state that there is not an error; but not below a dataPath, whose keys are names too", () => {
  const expressions = expressionsOf(workflow);
  const names = [
    { name: "servise", line: 1, column: 1, paths: [""] },
    { name: "ctx", line: 1, column: 1, paths: ["service", "error_rate"] },
    { name: "steps", line: 1, column: 1, paths: ["a.result", "bb"] },
    { name: "max", line: 1, column: 1, paths: [""], builtin: true },
  ];
  const found = judgeExpressions(expressions.slice(1, 3), [{ names }, { names }], where);
  expect(found.map(({ severity, message, hint }) => [severity, message, hint])).toEqual([
    ["warning", '"expression" of state "b": nothing provides "servise"', 'did you mean "service"?'],
    [
      "warning",
      '"expression" of state "b": nothing provides "error_rate"',
      'declare "error_rate" in the inputSchema',
    ],
    [
      "error",
      '"expression" of state "b": there is no state "bb" and nothing writes "steps.bb"',
      'did you mean "b"?',
    ],
  ]);
});

test("a definition from the store, without an author's text, is placed in its canonical form", () => {
  const stored = structuredClone(workflow);
  expect(expressionsOf(stored).map(({ pointer }) => pointer)).toContain("/states/2/conditions/0/if");
});

test("an expression that is worked out before a run begins cannot read what only a run has", () => {
  const early = definition({
    schedule: { cron: "@daily", input: { day: "{{ _cronTriggeredAt[:10] }} {{ len(input) }} {{ now }}" } },
    states: [{ id: "a", type: "inject", data: {}, end: true }],
  });
  const expressions = expressionsOf(early);
  const descriptions = ["_cronTriggeredAt", "input", "now"].map((name) => ({
    names: [{ name, line: 1, column: 1, paths: [] }],
  }));
  expect(judgeExpressions(expressions, descriptions, where)).toMatchObject(
    [
      { code: "UNKNOWN_NAME", severity: "error", path: "/schedule/input/day", message: /"input"/ },
      { code: "UNKNOWN_NAME", severity: "error", path: "/schedule/input/day", message: /"now"/ },
    ].map(({ message, ...rest }) => ({ ...rest, message: expect.stringMatching(message) })),
  );
});

test("a builtin as an argument is a warning where data of its name is known, whatever else may come with the input", () => {
  const properties = { type: { type: "string" }, max: { type: "number" } };
  const prints = {
    name: "print",
    type: "inject",
    data: { a: "it is {{ str(type) }}", b: "{{ type }}" },
    next: "count",
  };
  const sizes = {
    name: "count",
    type: "transform",
    expression: "len(list) + max(1, max) + len(set)",
    end: true,
  };
  const one = { name: "list", type: "agent", agent: "a", resultPath: "list", next: "print" };
  const shadowing = (additionalProperties: boolean) => {
    const inputSchema = { type: "object", properties, additionalProperties };
    const expressions = expressionsOf(definition({ inputSchema, states: [one, prints, sizes] }));
    return judgeExpressions(
      expressions,
      expressions.map(() => ({ names: [] })),
      where,
    ).map(({ code, severity, path, column, message, hint }) => [code, severity, path, column, message, hint]);
  };
  const what = (state: string) => (name: string) =>
    `${state}: "${name}" as an argument is the function of that name, not the data`;
  const found = [
    ["/states/2/expression", 5, what('"expression" of state "count"')("list"), "write ctx.list for the data"],
    ["/states/1/data/a", 14, what('"data" of state "print"')("type"), "write ctx.type for the data"],
    ["/states/2/expression", 20, what('"expression" of state "count"')("max"), "write ctx.max for the data"],
  ].map((row) => ["SHADOWED_NAME", "warning", ...row]);
  expect(shadowing(true)).toEqual(found);
  expect(shadowing(false)).toEqual(found);
});
