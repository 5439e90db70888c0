import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUnderstudy } from "../../../src/adapters/agents/understudy.ts";
import { readDefinition } from "../../../src/adapters/files/definition.ts";
import { createSchemas } from "../../../src/adapters/json-schema/schemas.ts";
import { createStarlark } from "../../../src/adapters/starlark/starlark.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { rehearse } from "../../../src/engine/rehearsal/rehearse.ts";
import { outturnOf } from "../../../src/engine/rehearsal/run-test.ts";
import { createImport } from "../../../src/main/import.ts";
import { simulatedAgent } from "../../support/simulated-agent.ts";

const starlark = createStarlark();
beforeAll(() => starlark.ready());
afterAll(() => starlark.close());
const schemas = createSchemas();
const importText = createImport({ environmentsDir: "environments" });

const HEAD = `document: { dsl: "1.0.0", namespace: shop, name: order, version: "0.2.0", title: Order }\n`;
const imported = (text: string) => importText({ text: HEAD + text, format: "yaml", file: "order.yaml" });

/** Imports a document, and runs what comes of it to its end. */
async function run(text: string, input: JsonObject = {}, answers: Readonly<Record<string, JsonValue>> = {}) {
  const { yaml, diagnostics } = await imported(text);
  expect(diagnostics).toEqual([]);
  const { definition } = readDefinition({ text: yaml ?? "", format: "yaml", file: "order" });
  if (!definition) throw new Error("the translation is no workflow");
  const agents = Object.fromEntries(
    Object.entries(answers).map(([name, output]) => [
      name,
      [{ says: { output }, with: null, takesMs: 0, unchecked: true, pointer: "" }],
    ]),
  );
  const understudy = createUnderstudy(
    async () => ["checker", "shipper", "notifier"].map((name) => simulatedAgent(name)),
    schemas,
  );
  const result = await rehearse(
    { expressions: starlark, schemas, understudy },
    {
      definition,
      environment: "default",
      version: 1,
      scenario: { input, agents, workflows: {}, approvals: {}, signals: [], assumesConsent: true },
    },
  );
  if (result.status !== "rehearsed") throw new Error("the input was refused");
  return outturnOf(result.rehearsed);
}

describe("a document of the Open Workflow Specification", () => {
  it("sets, calls an agent, and goes where a switch says", async () => {
    const text = `
do:
  - prepare: { set: { limit: 3, who: "\${ .customer.name }" } }
  - check: { call: checker, with: { task: "\${ \\"Look at \\" + .who }", limit: "\${ .limit }" } }
  - decide:
      switch:
        - risky: { when: .score > 2 and .country != "CH", then: stop }
        - fine: { then: ship }
  - ship: { call: shipper, with: { task: ship it }, then: end }
  - stop: { set: { stopped: true } }
`;
    const input = { customer: { name: "Ana" } };
    const calm = await run(text, input, { checker: { score: 1, country: "DE" } });
    expect(calm).toMatchObject({
      status: "COMPLETED",
      paths: { "": ["prepare", "check", "decide", "ship"] },
    });
    expect(calm.calls[0]).toMatchObject({ agent: "checker", task: "Look at Ana", variables: { limit: 3 } });
    const risky = await run(text, input, { checker: { score: 3, country: "DE" } });
    expect(risky).toMatchObject({
      paths: { "": ["prepare", "check", "decide", "stop"] },
      context: { stopped: true },
    });
  });

  it("goes through lists, forks, waits and listens", async () => {
    const { status, calls, tookMs, context } = await run(
      `
timeout: { after: { hours: 5 } }
do:
  - each:
      for: { each: line, in: .lines, at: n }
      do:
        - look: { call: checker, with: { task: check, sku: "\${ $line.sku }", n: "\${ $n }" } }
  - both:
      fork:
        branches:
          - pack: { call: shipper, with: { task: pack } }
          - tell: { call: notifier, with: { task: tell } }
  - pause: { wait: { minutes: 2 } }
  - hear: { listen: { to: { one: { with: { type: order.paid } } } } }
  - done: { set: { done: true } }
`,
      { lines: [{ sku: "a" }, { sku: "b" }] },
      { checker: 1, shipper: 2, notifier: 3 },
    );
    expect({ status, tookMs, done: context["done"] }).toEqual({
      status: "COMPLETED",
      tookMs: 120_000,
      done: true,
    });
    expect(calls.map(({ state, variables }) => [state, variables])).toEqual([
      ["look", { sku: "a", n: 0 }],
      ["look", { sku: "b", n: 1 }],
      ["pack", {}],
      ["tell", {}],
    ]);
  });

  it("catches what it raises, and fails with what it does not catch", async () => {
    const raise = `raise: { error: { type: "https://shop/errors/stock", status: 409, title: Out of stock } }`;
    const caught = await run(`
do:
  - attempt:
      try: [{ take: { ${raise} } }]
      catch: { as: problem, do: [{ note: { set: { why: "\${ $problem.message }" } } }] }
`);
    expect(caught.status).toBe("COMPLETED");
    expect(JSON.stringify(caught.context)).toContain("Out of stock (409)");
    const failed = await run(`
use: { errors: { stock: { type: "https://shop/errors/stock", status: 409, title: Out of stock } } }
do: [{ take: { raise: { error: stock } } }]
`);
    expect(failed).toMatchObject({
      status: "FAILED",
      error: { message: expect.stringContaining("Out of stock (409)") },
    });
  });

  it("runs another workflow with its input, and goes on with what that answers", async () => {
    const { status, calls } = await run(
      `
do:
  - sub: { run: { workflow: { namespace: ops, name: drain, version: "1.0.0", input: { node: "\${ .node }" } } } }
  - tell: { call: notifier, with: { task: told } }
`,
      { node: "n1" },
      { notifier: 1 },
    );
    expect(status).toBe("COMPLETED");
    expect(calls.map(({ agent, variables }) => [agent, variables])).toEqual([
      ["drain", { node: "n1" }],
      ["notifier", {}],
    ]);
  });

  it("passes by a task whose condition does not hold", async () => {
    const text = `
do:
  - first: { set: { a: 1 } }
  - maybe: { if: "\${ .a == 2 }", set: { b: 1 } }
  - last: { if: .a == 3, set: { c: 1 } }
`;
    const { paths, context } = await run(text);
    expect(paths[""]).toEqual(["first", "maybe_if", "last_if", "last_skipped"]);
    expect(context).toMatchObject({ a: 1 });
  });
});

it.each([
  [".b and (.ok | not)", false],
  ["(.ok | not) or .ok", true],
  [".a > 1 and (.items | length) > 2", false],
  ["(.items | length) == (.items | length)", true],
  ["[.items | length]", [1]],
  [".items[(.items | length) - 1]", "x"],
  [".items | length | not", false],
])("a jq pipe takes what stands before it in its own group: %s", async (jq, value) => {
  const text = `do:\n  - s: { set: { told: "\${ ${jq} }" } }\n`;
  const { context } = await run(text, { a: 0, b: false, ok: true, items: ["x"] });
  expect(context["told"]).toEqual(value);
});

it("only null and false are not true in jq, and in what comes of it", async () => {
  const holds: Readonly<Record<string, boolean>> = {
    ".zero": true,
    ".empty": true,
    ".none | length": true,
    ".null": false,
    ".off": false,
    ".zero and .empty": true,
    ".off or .none": true,
    ".null or .off": false,
    ".zero | not": false,
    ".null | not": true,
    ".none | length > 0": false,
    "(.off or .zero) and (.null | not)": true,
    "(.null | not) == .off": false,
    ".zero - 1": true,
    ".zero == 0 and .empty != null": true,
  };
  const tasks = Object.keys(holds).flatMap((jq, index) => [
    `  - asked${index}: { if: '${jq}', set: { held${index}: true } }`,
    `  - told${index}: { set: { not${index}: '\${ ${jq} | not }' } }`,
  ]);
  const text = `do:\n  - begin: { set: {} }\n${tasks.join("\n")}\n`;
  const { context } = await run(text, { zero: 0, empty: "", none: [], null: null, off: false });
  const came = Object.keys(holds).map((jq, index) => [
    jq,
    context[`held${index}`] ?? false,
    context[`not${index}`],
  ]);
  expect(came).toEqual(Object.entries(holds).map(([jq, is]) => [jq, is, !is]));
});

it("jq's operators bind as in jq", async () => {
  const values: Readonly<Record<string, JsonValue>> = {
    "-2 * 3 + 1": -5,
    "2 - (3 - 4)": 3,
    "(1 + 2) * 3": 9,
    '."odd key"': 7,
    '.["odd key"] + .list[.at]': 9,
    ".list | length + 1": 4,
    "[.list[0], .list[1] + 1]": [1, 3],
    "[]": [],
    ".list[0] < 2 and true": true,
    ".from + 1": 6,
  };
  const told = Object.keys(values).map((jq, index) => `v${index}: '\${ ${jq} }'`);
  const input = { "odd key": 7, list: [1, 2, 3], at: 1, from: 5 };
  const { context } = await run(`do:\n  - s: { set: { ${told.join(", ")} } }\n`, input);
  expect(Object.keys(values).map((jq, index) => [jq, context[`v${index}`]])).toEqual(Object.entries(values));
});

it("a text that is none of its expressions stays as it is, whatever braces are in it", async () => {
  const texts = ["{{ name }}", `a \${ .b } c`, "$.store.book", '{{ "x" }} \\\n ü'];
  const text = `do:\n  - say: { set: ${JSON.stringify({ texts })} }\n  - ask: { call: checker, with: ${JSON.stringify({ task: texts[0], path: texts[2] })} }\n`;
  const { context, calls } = await run(text, {}, { checker: 1 });
  expect(context["texts"]).toEqual(texts);
  expect(calls).toMatchObject([{ task: "{{ name }}", variables: { path: "$.store.book" } }]);
});

it("a task may be called as its author likes, and what it answers is read", async () => {
  const text = `
do:
  - look-up: { call: checker, with: { task: go } }
  - decide it: { switch: [{ high: { when: .score > 2, then: each-one } }] }
  - never: { wait: { hours: 1 } }
  - each-one: { for: { each: one, in: .items }, do: [{ tell: { call: notifier, with: { one: "\${ $one }" } } }] }
`;
  const { calls, tookMs } = await run(text, {}, { checker: { score: 3, items: ["a"] }, notifier: 1 });
  expect([calls[1]?.variables, tookMs]).toEqual([{ one: "a" }, 0]);
});

it("a list of tasks within a task is run as one", async () => {
  const text = "do:\n  - group: { do: [{ one: { set: { a: 1 } } }, { two: { set: { b: 2 } } }] }\n";
  expect((await run(text)).context).toMatchObject({ a: 1, b: 2 });
});

describe("what has no counterpart is an error where it stands", () => {
  const LINES = HEAD.split("\n").length;

  it.each([
    [
      "an HTTP call",
      "do:\n  - get:\n      call: http\n      with: { method: get }",
      4,
      13,
      /http calls cannot be made/,
    ],
    ["a gRPC call", "do:\n  - get:\n      call: grpc", 4, 13, /grpc calls/],
    [
      "a function of `use`",
      "use: { functions: { f: { call: http } } }\ndo:\n  - get: { call: f }",
      4,
      18,
      /the function "f"/,
    ],
    ["an emitted event", "do:\n  - say:\n      emit: { event: {} }", 4, 13, /`emit` has no counterpart/],
    ["a shell", "do:\n  - sh:\n      run: { shell: { command: ls } }", 4, 21, /running a shell/],
    [
      "a run that nobody waits for",
      "do:\n  - sub:\n      run: { workflow: { name: x }, await: false }",
      4,
      44,
      /nobody waits for/,
    ],
    [
      "a filter on what is caught",
      "do:\n  - t:\n      try: [{ a: { set: {} } }]\n      catch: { errors: {} }",
      5,
      24,
      /catch.errors/,
    ],
    [
      "a retry",
      "do:\n  - t:\n      try: [{ a: { set: {} } }]\n      catch: { retry: {} }",
      5,
      23,
      /catch.retry/,
    ],
    [
      "`while`",
      "do:\n  - f:\n      for: { in: .a }\n      while: .b\n      do: [{ a: { set: {} } }]",
      5,
      14,
      /`while`/,
    ],
    [
      "several events",
      "do:\n  - l:\n      listen: { to: { any: [{ with: { type: a } }, { with: { type: b } }] } }",
      4,
      21,
      /only one event/,
    ],
    ["a jq function", `do:\n  - s: { set: { a: '\${ .x | map(.y) }' } }`, 3, 27, /a pipe has no counterpart/],
    ["two values", `do:\n  - s: { set: { a: '\${ .x, .y }' } }`, 3, 24, /several values/],
    ["a path behind a path", `do:\n  - s: { set: { a: '\${ .x 1 }' } }`, 3, 27, /"1" is not expected/],
    ["a `not` before its value", "do:\n  - s: { if: not .x, set: {} }", 3, 14, /stands in front of it/],
    ["an open list", `do:\n  - s: { set: { a: '\${ [.x }' } }`, 3, 27, /"\]" is missing/],
    ["all items of a list", `do:\n  - s: { set: { a: '\${ .x[] }' } }`, 3, 27, /going through all items/],
    ["a pipe behind a comma", `do:\n  - s: { set: { a: '\${ .x, .y | length }' } }`, 3, 31, /behind a comma/],
    ["an `output` of a task", "do:\n  - s: { set: {}, output: { as: .x } }", 3, 27, /`output` of a task/],
    ["an unknown target", "do:\n  - s: { set: {}, then: nowhere }", 3, 25, /no task "nowhere"/],
    ["an unknown task", "do:\n  - s: { sett: {} }", 3, 8, /no kind of task/],
    ["a schedule by events", "schedule: { on: { one: {} } }\ndo: [{ s: { set: {} } }]", 2, 17, /schedule.on/],
    ["what a run answers", "output: { as: .x }\ndo: [{ s: { set: {} } }]", 2, 15, /`output.as`/],
    [
      "a schema of another kind",
      "output: { schema: { format: avro } }\ndo: [{ s: { set: {} } }]",
      2,
      29,
      /avro/,
    ],
    ["JavaScript", "evaluate: { language: javascript }\ndo: [{ s: { set: {} } }]", 2, 23, /javascript/],
    ["loose expressions", "evaluate: { mode: loose }\ndo: [{ s: { set: {} } }]", 2, 19, /mode "loose"/],
    ["an extension", "use: { extensions: [] }\ndo: [{ s: { set: {} } }]", 2, 20, /extensions/],
    ["more of an arm", "do:\n  - s: { switch: [{ a: { then: end, else: b } }] }", 3, 37, /"else"/],
    [
      "more of a fork",
      "do:\n  - s: { fork: { competes: true, branches: [{ a: { set: {} } }] } }",
      3,
      18,
      /"competes"/,
    ],
    ["more of a loop", "do:\n  - s: { for: { in: .a, by: 2 }, do: [{ a: { set: {} } }] }", 3, 25, /"by"/],
    [
      "a whole event",
      "do:\n  - s: { listen: { to: { one: { with: { type: a } } }, read: raw } }",
      3,
      62,
      /event's raw/,
    ],
    [
      "one event after the other",
      "do:\n  - s: { listen: { to: { one: { with: { type: a } } } }, foreach: {} }",
      3,
      67,
      /`foreach` over events/,
    ],
    [
      "a correlated event",
      "do:\n  - s: { listen: { to: { one: { with: { type: a }, correlate: {} } } } }",
      3,
      52,
      /"correlate"/,
    ],
    [
      "a run's input as a whole",
      `do:\n  - s: { run: { workflow: { name: x, input: '\${ .a }' } } }`,
      3,
      45,
      /only a map/,
    ],
    ["what a run returns", "do:\n  - s: { run: { workflow: { name: x }, return: none } }", 3, 40, /"return"/],
    [
      "an agent's arguments as a whole",
      `do:\n  - s: { call: checker, with: '\${ .a }' }`,
      3,
      31,
      /only a map/,
    ],
    [
      "an expression in an error",
      `do:\n  - s: { raise: { error: { title: '\${ .a }' } } }`,
      3,
      26,
      /expression in an error/,
    ],
    [
      "an expression as a time",
      `do:\n  - s: { wait: { seconds: '\${ .a }' } }`,
      3,
      27,
      /not a number of seconds/,
    ],
    ["no tasks", "states: []", 1, 1, /there is no `do:`/],
  ])("%s", async (_, text, line, column, message) => {
    const { yaml, diagnostics } = await imported(text);
    expect(yaml).toBeNull();
    expect(diagnostics[0]).toMatchObject({ file: "order.yaml", message: expect.stringMatching(message) });
    expect([diagnostics[0]?.line, diagnostics[0]?.column]).toEqual([line + LINES - 2, column]);
  });
});
