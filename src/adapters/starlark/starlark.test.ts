import { afterAll, describe, expect, test } from "vitest";
import type { Program } from "../../core/run/questions.ts";
import { createStarlark } from "./starlark.ts";

const starlark = createStarlark();
afterAll(() => starlark.close());

const expressions = (...texts: string[]): Program[] => texts.map((text) => ({ mode: "expression", text }));
const scope = { layers: [{ n: 5, xs: [1, 2] }], stateResults: [] };

describe("evaluate", () => {
  test("answers all programs in order, errors among them", async () => {
    const answers = await starlark.evaluate(expressions("n", "n +", "nope", "xs.a", "n > 3"), scope);
    expect(answers.map((it) => (it.ok ? it.value : it.error.kind))).toEqual([
      5,
      "syntax",
      "name",
      "eval",
      true,
    ]);
  });

  test("stops at the first true value, not at an error or a false one", async () => {
    const answers = await starlark.evaluate(
      expressions("n > 9", "n +", "nope", "[]", "xs", "n", "n +"),
      scope,
      {
        until: "first-true",
      },
    );
    expect(answers).toHaveLength(5);
    expect(answers.at(-1)).toMatchObject({ ok: true, value: [1, 2], truth: true });
  });

  test("what is too much for the calling thread is evaluated by the pool, in its place", async () => {
    const much = "len([x for x in range(9000)])";
    const answers = await starlark.evaluate(expressions("n > 9", much, "nope", much), scope);
    expect(answers).toMatchObject([
      { ok: true, value: false },
      { ok: true, value: 9000 },
      { ok: false, error: { kind: "name" } },
      { ok: true, value: 9000 },
    ]);
    const until = await starlark.evaluate(expressions("n > 9", much, "n"), scope, { until: "first-true" });
    expect(until).toHaveLength(2);
  });

  test("of nothing is nothing", async () => {
    expect(await starlark.evaluate([], scope)).toEqual([]);
  });

  test("the same text as expression and as transform is two programs", async () => {
    const text = "y = 1\ny";
    const answers = await starlark.evaluate(
      [
        { mode: "expression", text },
        { mode: "transform", text },
      ],
      scope,
    );
    expect(answers).toMatchObject([
      { ok: false, error: { kind: "syntax" } },
      { ok: true, value: 1 },
    ]);
  });

  test("the paths of state results are part of the program", async () => {
    const layers = [{ a: { b: "text" }, c: { d: 1 } }];
    const program = expressions("a.b.result", "c.result");
    const answers = [];
    for (const stateResults of [["a.b"], ["$.c"], []]) {
      const pair = await starlark.evaluate(program, { layers, stateResults });
      answers.push(pair.map((it) => (it.ok ? it.value : it.error.kind)));
    }
    expect(answers).toEqual([
      ["text", "eval"],
      ["eval", { d: 1 }],
      ["eval", "eval"],
    ]);
  });

  test("large data that one program does not read does not concern it", async () => {
    const layers = [{ large: "x".repeat(5_000_000), small: 1 }];
    const answers = await starlark.evaluate(expressions("small", "len(large)", "small + 1"), {
      layers,
      stateResults: [],
    });
    expect(answers).toMatchObject([
      { ok: true, value: 1 },
      { ok: false, error: { kind: "memory", message: expect.stringContaining("5000012 bytes") } },
      { ok: true, value: 2 },
    ]);
  });
});

describe("describe", () => {
  test("lists the names that must exist, and the constant paths below each", async () => {
    const text = 'ctx.a["b"] + ctx.a.c.get(k) + xs[0].d + type + [v.x for v in vs][0] + sum(vs)';
    expect(await starlark.describe(expressions(text))).toEqual([
      {
        usesCtx: true,
        names: [
          { name: "ctx", line: 1, column: 1, paths: ["a.b", "a.c"] },
          { name: "k", line: 1, column: 26, paths: [""] },
          { name: "xs", line: 1, column: 31, paths: [""] },
          { name: "vs", line: 1, column: 62, paths: [""] },
        ],
      },
    ]);
  });

  test("tells where a text does not compile", async () => {
    const [description] = await starlark.describe([{ mode: "transform", text: "x = 1\nx +" }]);
    expect(description).toEqual({
      usesCtx: false,
      names: [],
      error: { kind: "syntax", message: expect.any(String), line: 2, column: 4 },
    });
  });
});
