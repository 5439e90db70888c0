import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BUILTINS } from "../../core/definition/builtins.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Program, Scope } from "../../core/run/questions.ts";
import { createStarlark } from "./starlark.ts";

const starlark = createStarlark();
beforeAll(() => starlark.ready());
afterAll(() => starlark.close());

const context: JsonObject = {
  n: 5,
  name: "höhe",
  type: "error",
  max: 3,
  json: { a: 1 },
  hash: "abc",
  flag: false,
  nothing: null,
  big: 9007199254740991,
  price: 1.5,
  items: [1, 2, 3],
  nested: { a: { b: { c: 1 } }, list: [{ k: "x" }, { k: "y" }] },
  odd: { items: "data", "with.dot": 1, "": 2, __proto__: 3 },
  user: { name: "Ann", tags: ["a", "b"], age: 41 },
  outcome: { status: "ok", code: 7 },
  report: { summary: "s", result: { deep: true } },
  ctx: "shadowed by the layer before",
};
const steps: JsonObject = {
  text: "plain",
  list: [1, 2],
  none: null,
  number: 3,
  full: { result: { x: 1 }, output: "o" },
  bare: { x: 2, list: [{ result: 5 }] },
  par: { left: { v: 1 }, right: "r" },
};
const scope: Scope = {
  layers: [
    {
      ctx: { ...context, steps },
      input: { q: "in" },
      workflow: { id: "w" },
      steps,
      now: "2026-01-01T00:00:00Z",
    },
    { item: { id: 1 }, _index: 0, n: 6 },
    { ...context, input: "hidden" },
  ],
  stateResults: ["outcome", "ctx.report", "$.user"],
};

type Row = readonly [text: string, value: unknown];

const values: Readonly<Record<string, readonly Row[]>> = {
  "dicts answer to attributes, keys and methods": [
    ["user.name", "Ann"],
    ['user["name"]', "Ann"],
    ['user.get("name")', "Ann"],
    ['user.get("nope")', null],
    ['user.get("nope", 1)', 1],
    ["nested.a.b.c", 1],
    ['nested["a"].b["c"]', 1],
    ["nested.list[1].k", "y"],
    ["nested.list[-1].k", "y"],
    ["user.keys()", ["name", "tags", "age"]],
    ["nested.a.values()", [{ c: 1 }]],
    ["nested.a.items()", [["b", { c: 1 }]]],
    ["odd.items", "data"],
    ['odd["with.dot"]', 1],
    ['odd[""]', 2],
    ["[k for k in user]", ["name", "tags", "age"]],
    ['"name" in user', true],
    ['"nope" in user', false],
    ["len(user)", 3],
    ["type(user)", "dict"],
    ["bool({})", false],
    ['{"k": 7}.k', 7],
    ['(nothing or {"k": 7}).k', 7],
    ['{"keys": 1}.keys', 1],
    ['{"a": 1} == {"a": 1}', true],
    ['nested.a.b == {"c": 1}', true],
    ['{"c": 1} == nested.a.b', true],
    ['nested.a.b != {"c": 1}', false],
    ['{"a": {"b": {"c": 1}}} == nested', false],
    ["user == user", true],
    ['nested.a | {"z": 1}', { b: { c: 1 }, z: 1 }],
    ['{"b": 0} | nested.a', { b: { c: 1 } }],
    ["dict(user, age = 42)", { name: "Ann", tags: ["a", "b"], age: 42 }],
    ["str(nested.a)", '{"b": {"c": 1}}'],
    ['"%s" % nested.a', '{"b": {"c": 1}}'],
    ["sorted(user)", ["age", "name", "tags"]],
    ["user", { name: "Ann", tags: ["a", "b"], age: 41 }],
    ["[user.tags, user]", [["a", "b"], { name: "Ann", tags: ["a", "b"], age: 41 }]],
  ],
  "the universe": [
    ['hasattr(user, "name")', true],
    ['hasattr(user, "nope")', false],
    ['hasattr(n, "x")', false],
    ['getattr(user, "nope", 0)', 0],
    ['getattr(user, "age", 0)', 41],
    ["min(items)", 1],
    ["max(1, 9, 3)", 9],
    ["abs(-3)", 3],
    ["abs(-1.5)", 1.5],
    ["len(items)", 3],
    ["sorted(items, reverse = True)", [3, 2, 1]],
    ["any([x > 2 for x in items])", true],
    ["all(items)", true],
    ["list(range(3))", [0, 1, 2]],
    ["len(range(2147483647))", 2147483647],
    ["set([1, 1, 2])", [1, 2]],
    ["(1, 2)", [1, 2]],
    ["1, 2", [1, 2]],
    ["[x * 2 for x in items if x != 2]", [2, 6]],
    ["{str(x): x for x in items}", { 1: 1, 2: 2, 3: 3 }],
    [
      "list(zip(items, user.tags))",
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
    [
      "list(enumerate(user.tags))",
      [
        [0, "a"],
        [1, "b"],
      ],
    ],
    ["(lambda x: x + 1)(n)", 7],
    ["'yes' if n > 3 else 'no'", "yes"],
    ['"a-b".split("-")', ["a", "b"]],
    ['"{}-{}".format(n, name)', "6-höhe"],
    ['", ".join(user.tags)', "a, b"],
    ['"ERROR".lower() == type', true],
    ["name[0]", "h"],
    ['name.startswith("h")', true],
    ["not flag and nothing == None", true],
    ["n in (5, 6)", true],
    ["n not in items", true],
  ],
  "our builtins": [
    ["sum(items)", 6],
    ["sum([])", 0],
    ["sum([0.5, 1])", 1.5],
    ["sum(items, 10)", 16],
    ["sum(items, start = 10)", 16],
    ['sum(["a", "b"], "")', "ab"],
    ["sum([[1], [2]], [])", [1, 2]],
    ["json.encode(nested.a)", '{"b":{"c":1}}'],
    ['json.encode({"a": [1, 1.0, None, True, "é\\n\\"", (2,)]})', '{"a":[1,1.0,null,true,"é\\n\\"",[2]]}'],
    ["json.encode(12345678901234567890)", "12345678901234567890"],
    ['json.decode("[1, 2.5, {\\"a\\": null}]")', [1, 2.5, { a: null }]],
    ['json.decode(" \\"\\\\u00e9\\\\ud83d\\\\ude00\\" ")', "é😀"],
    ['json.decode("{\\"a\\":1,\\"a\\":2}")', { a: 2 }],
    ['len(json.decode("{\\"a\\":1,\\"a\\":2}"))', 1],
    ['json.decode("txyz", default = 0)', 0],
    ['json.decode("01", None)', null],
    ['json.indent("{\\"a\\":[1,{}],\\"b\\":[]}", indent = " ")', '{\n "a": [\n  1,\n  {}\n ],\n "b": []\n}'],
    ["[true, false, null]", [true, false, null]],
    ["print(n)", null],
  ],
  "names: innermost layer first": [
    ["n", 6],
    ["ctx.n", 5],
    ["input", { q: "in" }],
    ["workflow.id", "w"],
    ["now", "2026-01-01T00:00:00Z"],
    ["item.id + _index", 1],
    ["ctx.steps.number", 3],
    ["ctx.user.age", 41],
    ["[n for n in items]", [1, 2, 3]],
    ["[steps.result for steps in [{}, {'result': 1}] if steps]", [1]],
  ],
  "data wins over a builtin that is not called": [
    ['type == "error"', true],
    ["type(n) == 'int'", true],
    ["max + 1", 4],
    ["max(max + 1, 2)", 4],
    ["json.a", 1],
    ["json.encode(json.a)", "1"],
    ["hash[0]", "a"],
    ["'yes' if type else 'no'", "yes"],
    ["[type, max]", ["error", 3]],
    ["type in ['error']", true],
    ["(lambda f: f(items))(min)", 1],
    ["min == None", false],
    ["[type for type in items]", [1, 2, 3]],
  ],
  "state results answer to .result and .output": [
    ["steps.text.result", "plain"],
    ["steps.text.output", "plain"],
    ['steps["text"]["result"]', "plain"],
    ["steps.list.result[1]", 2],
    ["steps.none.result", null],
    ["steps.number.output + 1", 4],
    ["steps.full.result.x", 1],
    ["steps.full.output", "o"],
    ["steps.bare.result", { x: 2, list: [{ result: 5 }] }],
    ["steps.bare.result.x", 2],
    ["steps.bare.list[0].result", 5],
    ["steps.par.result.left.v", 1],
    ["steps.par.right.result", "r"],
    ["ctx.steps.text.result", "plain"],
    ["outcome.result.status", "ok"],
    ["ctx.outcome.result.code", 7],
    ["report.result.deep", true],
    ["report.summary.output", "s"],
    ["user.output.age", 41],
    ['hasattr(steps.text, "result")', false],
    ['hasattr(steps.full, "result")', true],
    ['getattr(steps.bare, "result", 0)', 0],
    ['steps.bare.get("output", "d")', "d"],
    ['"result" in steps.bare', false],
    ["[s for s in [steps.text.result]]", ["plain"]],
  ],
  numbers: [
    ["big", 9007199254740991],
    ["12345678901234567890 + 1 == 12345678901234567891", true],
    ["str(12345678901234567890 + 1)", "12345678901234567891"],
    ["7 / 2", 3.5],
    ["7 // 2", 3],
    ["-7 // 2", -4],
    ["7 % 3", 1],
    ["5 == 5.0", true],
    ["type(4 / 2)", "float"],
    ["json.encode(4 / 2)", "2.0"],
    ["json.encode(1e300)", "1e+300"],
    ["json.encode(-0.0)", "-0.0"],
    ["price * 2", 3],
    ["int('42') + int(3.9)", 45],
    ["float('1e3')", 1000],
    ["1 << 10", 1024],
  ],
  "an expression over several lines": [
    ["n +\n  1", 7],
    ["\n\n  n\n", 6],
    ["n # a comment", 6],
    ["[\n  x\n  for x in items\n]", [1, 2, 3]],
    ["n > 3 and\nlen(items) == 3", true],
  ],
};

describe.each(Object.entries(values))("%s", (_rule, rows) => {
  test.each(rows.map(([text, value]) => ({ text, value })))("$text", async ({ text, value }) => {
    expect(await evaluate("expression", text)).toEqual(succeeded(value));
  });
});

type FailingRow = readonly [text: string, kind: string, line: number, column: number, message?: RegExp];

const failures: Readonly<Record<string, readonly FailingRow[]>> = {
  "syntax errors have a position in the author's text": [
    ["", "syntax", 1, 1, /empty/],
    ["# only a comment", "syntax", 1, 1, /empty/],
    ["n +", "syntax", 1, 4, /^unexpected end of the text, want primary expression$/],
    ["n + 1)", "syntax", 1, 6, /'\)' without '\('/],
    ["1) or (2", "syntax", 1, 2, /'\)' without '\('/],
    ["(n", "syntax", 1, 3, /unexpected end/],
    ["n =\n 1", "syntax", 1, 3],
    ["n\n  ==\n  )", "syntax", 3, 3, /^unexpected '\)'/],
    ["'abc", "syntax", 1, 1, /string/],
    ["ä + ö +", "syntax", 1, 8],
    ["n is None", "syntax", 1, 3, /^unexpected is$/],
    ["[x for x]", "syntax", 1, 9],
    ["f(a = 1, a = 2)", "syntax", 1, 10, /repeated/],
    ['load("x", "y")', "syntax", 1, 1],
    [`"${"x".repeat(17_000)}"`, "syntax", 1, 1, /longer than 16384 bytes/],
  ],
  "undefined names name the closest": [
    ["nope", "name", 1, 1, /undefined name: nope; names in scope: ctx, input, workflow, steps/],
    ["n + usr.name", "name", 1, 5, /did you mean user\?/],
    ["\n  pirce", "name", 2, 3, /did you mean price\?/],
    ["flag and nope", "name", 1, 10],
    ["[x for y in items]", "name", 1, 2],
  ],
  "runtime errors": [
    ["user.nme", "eval", 1, 5, /dict has no .nme field or method \(did you mean .name\?\)/],
    ["steps.full.resul", "eval", 1, 11, /did you mean .result\?/],
    ["{'status': 1}.statos", "eval", 1, 14, /did you mean .status\?/],
    ['user["nope"]', "eval", 1, 5, /key "nope" not in dict/],
    ["n + name", "eval", 1, 3, /unknown binary op: int \+ string/],
    ["items[7]", "eval", 1, 6, /out of range/],
    ["1 // 0", "eval", 1, 3, /division by zero/],
    ["n < name", "eval", 1, 3, /not implemented/],
    ["user < nested", "eval", 1, 6, /dict < dict not implemented/],
    ["n(1)", "eval", 1, 2, /non-function/],
    ['fail("no", n)', "eval", 1, 5, /no 6/],
    ["items.append(1)", "eval", 1, 13, /frozen/],
    ["user.pop('name')", "eval", 1, 9, /read-only/],
    ["{user: 1}", "eval", 1, 6, /unhashable/],
    ["json.decode('{')", "eval", 1, 12, /malformed/],
    ["json.decode('[1,]')", "eval", 1, 12, /offset 3: malformed/],
    ["json.decode('[1e]')", "eval", 1, 12],
    ["json.encode(len)", "eval", 1, 12, /not JSON/],
    ["json.foo", "eval", 1, 5, /no .foo/],
    ["sum(items, '')", "eval", 1, 4, /unknown binary op/],
    ["sum(n)", "eval", 1, 4],
    ["(\nn +\n'a')", "eval", 2, 3],
  ],
  "values that are not JSON": [
    ["9007199254740992", "result", 0, 0, /9007199254740992, which is beyond/],
    ["[-9007199254740993]", "result", 0, 0],
    ["lambda: 1", "result", 0, 0, /function/],
    ["min", "result", 0, 0, /builtin/],
    ["float('nan')", "result", 0, 0, /finite/],
    ["float('inf')", "result", 0, 0, /finite/],
    ["{1: 2}", "result", 0, 0, /key of type int/],
    ['b"bytes"', "result", 0, 0, /bytes/],
    ["'x' * 5000000", "result", 0, 0, /too large/],
    ["['x' * 1000000] * 5", "result", 0, 0, /too large/],
  ],
};

describe.each(Object.entries(failures))("%s", (_rule, rows) => {
  test.each(rows.map(([text, kind, line, column, message]) => ({ text, kind, line, column, message })))(
    "$text",
    async ({ text, kind, line, column, message }) => {
      const answer = await evaluate("expression", text);
      expect(answer).toMatchObject({ ok: false, error: { kind, line, column } });
      if (message !== undefined && answer?.ok === false) expect(answer.error.message).toMatch(message);
    },
  );
});

const transforms: readonly Row[] = [
  ["n + 1", 7],
  ["n +\n1", 7],
  ["x = n\nx * 2", 12],
  ["result = [x for x in items if x > 1]", [2, 3]],
  ["result = {}\nfor x in items:\n  result[str(x)] = x\n", { 1: 1, 2: 2, 3: 3 }],
  ["def double(x):\n  return x * 2\ndouble(n)", 12],
  ["if n > 3:\n  result = 'many'\nelse:\n  result = 'few'", "many"],
  ["result = 1\nresult + 1", 2],
  ["n = n + 1\nn", 7],
  ["n = ctx.n + 1\nn", 6],
  ["# note\nresult = input.q", "in"],
  ["total = 0\nfor x in items:\n  total += x\ntotal", 6],
  ["a, b = 1, 2\n[b, a]", [2, 1]],
  ["type = 'mine'\ntype", "mine"],
  ["steps.text.result + '!'", "plain!"],
  ["x = steps.text.output\nx", "plain"],
];

describe("transforms", () => {
  test.each(transforms.map(([text, value]) => ({ text, value })))("$text", async ({ text, value }) => {
    expect(await evaluate("transform", text)).toEqual(succeeded(value));
  });

  const failing: readonly FailingRow[] = [
    ["", "syntax", 1, 1],
    ["x = 1", "syntax", 1, 6, /yields no value/],
    ["if flag:\n  result = 1", "result", 0, 0, /yields no value/],
    ["x = 1\ny = = 2\nx", "syntax", 2, 5],
    ["[1, 2", "syntax", 1, 6],
    ["while True:\n  pass", "syntax", 1, 1, /while/],
    ["x = 1\nload('a', 'b')\nx", "syntax", 2, 1, /load is not available/],
    ["return 1", "syntax", 1, 1, /return/],
    ["n += 1\nn", "eval", 1, 1, /referenced before assignment/],
    ["x = 1\n nope", "syntax", 2, 2],
    ["x = nope\nx", "name", 1, 5],
    ["x = 1\nx.y", "eval", 2, 2],
    ["def f():\n  fail('deep')\nf()", "eval", 2, 7, /deep/],
    ["user['name'] = 1\nuser", "eval", 1, 5, /read-only/],
    ["user.name = 1\nuser", "eval", 1, 5],
  ];
  test.each(failing.map(([text, kind, line, column, message]) => ({ text, kind, line, column, message })))(
    "$text fails",
    async ({ text, kind, line, column, message }) => {
      const answer = await evaluate("transform", text);
      expect(answer).toMatchObject({ ok: false, error: { kind, line, column } });
      if (message !== undefined && answer?.ok === false) expect(answer.error.message).toMatch(message);
    },
  );
});

describe("truth", () => {
  test.each([
    ["0", false],
    ["1", true],
    ["''", false],
    ["'x'", true],
    ["[]", false],
    ["{}", false],
    ["None", false],
    ["user", true],
    ["0.0", false],
  ])("%s is %s", async (text, truth) => {
    expect(await evaluate("expression", text)).toMatchObject({ ok: true, truth });
  });
});

function succeeded(value: unknown) {
  return { ok: true, value, truth: expect.any(Boolean), steps: expect.any(Number) };
}

async function evaluate(mode: Program["mode"], text: string) {
  const [answer] = await starlark.evaluate([{ mode, text }], scope);
  return answer;
}

test("every builtin that is told of is one: an argument of its name is the function, whatever the data", async () => {
  const names = [...BUILTINS];
  const data = { layers: [Object.fromEntries(names.map((name) => [name, "data"]))], stateResults: [] };
  const programs = names.map((name) => ({ mode: "expression", text: `type(${name})` }) as const);
  const types = await starlark.evaluate(programs, data);
  expect(types.map((type) => type.ok && type.value)).toEqual(
    names.map((name) => (name === "json" ? "module" : "builtin_function_or_method")),
  );
});
