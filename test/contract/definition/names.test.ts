import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import { createRunner } from "./run-text.ts";

const runner = createRunner();

beforeAll(runner.ready);
afterAll(runner.close);

const end = (result: string) => `{ name: told, type: inject, data: { told: ${result} }, end: true }`;
const FAIL = `{ name: fail, type: transform, expression: 'fail("away")', end: true }`;

/** What `told` became in a workflow of these states. */
async function told(states: readonly string[], input: JsonObject = {}) {
  const text = `id: w\nstates:\n${states.map((state) => `  - ${state}\n`).join("")}`;
  const { context, error } = await runner.run(text, null, input);
  expect(error).toBeNull();
  return context["told"];
}

describe("a name means the same as a path and in an expression", () => {
  it.each([
    ["input", "input.q", { q: 1, input: { q: 2 } }, 1],
    ["ctx.input", "ctx.input.q", { q: 1, input: { q: 2 } }, 2],
    ["workflow", "workflow.id", { workflow: { id: "mine" } }, "w"],
    ["_timestamp", "_timestamp[:4]", { _timestamp: "mine" }, "2026"],
  ])("%s, whatever the run's input is called", async (_, path, input, value) => {
    expect(await told([end(`["{{ ${path} }}", "{{ (${path}) }}"]`)], input)).toEqual([value, value]);
  });

  it("error, where the run's input has an `error` of its own", async () => {
    const failing = `{ name: call, type: transform, expression: 'fail("away")', onError: { next: told } }`;
    const read = await told(
      [`${failing.slice(0, -2)}, next: told }`, end(`["{{ error.code }}", "{{ (error.code) }}"]`)],
      {
        error: { code: "E_DISK" },
      },
    );
    expect(read).toEqual(["EXPRESSION_ERROR", "EXPRESSION_ERROR"]);
  });

  it("a foreach's item to which a state of the body has added something", async () => {
    const body = `[{ name: score, type: inject, data: { value: 7 }, resultPath: item.score, next: read }, { name: read, type: inject, data: { all: ["{{ item.score.value }}", "{{ item.score.value + 0 }}", "{{ item.id + 0 }}"] }, resultPath: read, end: true }]`;
    const each = `{ name: each, type: foreach, itemsPath: xs, iterator: { states: ${body} }, next: told }`;
    expect(await told([each, end(`"{{ steps.each[0].read.all }}"`)], { xs: [{ id: 1 }] })).toEqual([7, 7, 1]);
  });
});

describe("a catch block", () => {
  const read = (written: string, result: string) => [
    `{ name: t, type: try, try: [{ name: write, type: inject, data: ${written}, next: fail }, ${FAIL}], catch: [{ name: again, type: inject, data: { count: 2 }, next: told }, ${end(result)}], end: true }`,
  ];

  it("reads what it wrote itself, not what the try block had written there", async () => {
    expect(await told(read("{ count: 1 }", `["{{ count }}", "{{ count + 0 }}"]`))).toEqual([2, 2]);
  });

  it("reads the run's input, whatever the try block has written under that name", async () => {
    expect(
      await told(read("{ input: { q: 9 } }", `["{{ input.q }}", "{{ input.q + 0 }}"]`), { q: 1 }),
    ).toEqual([1, 1]);
  });
});

it("a switch reads `.output` of a result at its resultPath, as everybody else does", async () => {
  const states = [
    `{ name: look, type: transform, expression: '{"score": 5}', resultPath: found, next: choose }`,
    `{ name: choose, type: switch, dataPath: found, conditions: [{ if: result.output.score > 1, next: told }], defaultNext: choose }`,
    end("yes"),
  ];
  expect(await told(states)).toBe("yes");
});

it("an approval may be called like a property of every object", async () => {
  const text = "id: w\nstates:\n  - { name: constructor, type: approval, message: Go?, end: true }\n";
  expect((await runner.run(text)).output).toMatchObject({ approved: true });
});

it.each(["True", "null", "false"])("a workflow may answer %s", async (word) => {
  const text = `id: w\noutput: "${word}"\nstates:\n  - { name: a, type: inject, data: {}, end: true }\n`;
  const { output } = await runner.run(text);
  expect(String(output)).toBe(word.toLowerCase());
});

it.each([
  ["duration", "{{ 1e300 }}", 'timer "wait": 1e+300 is not a duration'],
  ["until", "{{ '2027-02-30T00:00:00Z' }}", 'timer "wait": "2027-02-30T00:00:00Z" is not a time'],
])("a timer does not wait for a time that there is not: %s %s", async (key, value, message) => {
  const text = `id: w\nstates:\n  - { name: wait, type: timer, ${key}: "${value}", end: true }\n`;
  const { error } = await runner.run(text);
  expect(error?.["message"]).toContain(message);
});

describe("what a block of a try writes", () => {
  const attempt = (states: string, next: string) =>
    `{ name: t, type: try, try: [${states}], finally: [{ name: after, type: inject, data: {}, end: true }], next: ${next} }`;

  it("replaces what stood at its resultPath, inside the block and behind it", async () => {
    const inner = `{ name: write, type: inject, data: { new: 2 }, resultPath: config, next: see }, { name: see, type: transform, expression: config, resultPath: seen, end: true }`;
    const states = [
      "{ name: begin, type: inject, data: { old: 1 }, resultPath: config, next: t }",
      attempt(inner, "told"),
      end(`["{{ config }}", "{{ seen }}"]`),
    ];
    expect(await told(states)).toEqual([{ new: 2 }, { new: 2 }]);
  });

  it("is merged where it writes below a place, or without one", async () => {
    const inner = `{ name: write, type: inject, data: 2, resultPath: config.new, next: more }, { name: more, type: inject, data: { config: { more: 3 } }, end: true }`;
    const states = [
      "{ name: begin, type: inject, data: { old: 1 }, resultPath: config, next: t }",
      attempt(inner.replace("type: inject, data: 2", 'type: transform, expression: "2"'), "told"),
      end(`"{{ config }}"`),
    ];
    expect(await told(states)).toEqual({ old: 1, new: 2, more: 3 });
  });

  it("is the last round's alone, when it is in a loop", async () => {
    const inner = `{ name: fetch, type: transform, expression: '{"k%d" % n: n}', resultPath: got, end: true }`;
    const states = [
      "{ name: begin, type: inject, data: { n: 0 }, next: t }",
      attempt(inner, "count"),
      "{ name: count, type: transform, expression: n + 1, resultPath: n, next: more }".replace(
        "n + 1",
        "ctx.n + 1",
      ),
      `{ name: more, type: switch, conditions: [{ if: n < 3, next: t }], defaultNext: told }`,
      end(`["{{ steps.fetch }}", "{{ got }}"]`),
    ];
    expect(await told(states)).toEqual([{ k2: 2 }, { k2: 2 }]);
  });

  it("gives way to what a later state of the same name comes to", async () => {
    const inner = `{ name: fetch, type: transform, expression: '{"inner": 1}', end: true }`;
    const states = [
      attempt(inner, "fetch"),
      `{ name: fetch, type: transform, expression: '{"outer": 1}', next: told }`,
      end(`"{{ steps.fetch }}"`),
    ];
    expect(await told(states)).toEqual({ outer: 1 });
  });

  it.each([
    ["written there by hand", "resultPath: steps.status, "],
    ["that a state of this name comes to", ""],
  ])("shows where the branch had written below steps by hand: what is %s", async (_, place) => {
    const inner = `{ name: status, type: transform, expression: '{"new": 2}', ${place}end: true }`;
    const states = [
      "{ name: begin, type: inject, data: { old: 1 }, resultPath: steps.status, next: t }",
      attempt(inner, "told"),
      end(`"{{ steps.status }}"`),
    ];
    expect(await told(states)).toEqual({ new: 2 });
  });

  it("does not become the result of the branch around it, where nothing was written", async () => {
    const branch = attempt("{ name: look, type: transform, expression: '5', end: true }", "").replace(
      "next: ",
      "end: true",
    );
    const states = [
      `{ name: both, type: parallel, branches: [{ name: a, states: [${branch}] }], next: told }`,
      end(`"{{ steps.both.a }}"`),
    ];
    expect(await told(states)).toBe(5);
  });
});

it("whoever starts a run cannot say what its steps came to", async () => {
  const states = [
    `{ name: look, type: transform, expression: 'hasattr(steps, "review")', next: review }`,
    `{ name: review, type: transform, expression: '{"approved": False}', next: told }`,
    end(`["{{ steps.look }}", "{{ steps.review.approved }}", "{{ input.steps.review.approved }}"]`),
  ];
  const input = { steps: { review: { approved: true } } };
  expect(await told(states, input)).toEqual([false, false, true]);
});
