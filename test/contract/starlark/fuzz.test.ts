import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { createStarlark } from "../../../src/adapters/starlark/starlark.ts";

const wallMs = 1_000;
const here = createStarlark({ wallMs });
const threaded = createStarlark({ wallMs, localSteps: 0 });
afterAll(() => Promise.all([here.close(), threaded.close()]));

const scope = {
  layers: [
    {
      n: 5,
      s: "text",
      xs: [1, 2.5, "x", null],
      o: { a: { b: 1 }, list: [{ k: 1 }] },
      type: "t",
      steps: { a: "r" },
    },
  ],
  stateResults: ["o.a"],
};
const kinds = ["syntax", "name", "eval", "steps", "memory", "result"];

const { expression } = fc.letrec<{ expression: string; name: string }>((tie) => {
  const some = tie("expression");
  const leaf = fc.oneof(
    tie("name"),
    fc.integer({ min: -3, max: 1_000_000 }).map(String),
    fc.constantFrom(
      "1.5",
      "'a'",
      "'é😀'",
      "[]",
      "{}",
      "()",
      "None",
      "true",
      "null",
      "''",
      "1e308",
      "range(100000)",
      "b'x'",
    ),
  );
  return {
    name: fc.constantFrom(
      "n",
      "s",
      "xs",
      "o",
      "type",
      "steps.a",
      "x",
      "nope",
      "o.a",
      "json",
      "len",
      "max",
      "str",
    ),
    expression: fc.oneof(
      { maxDepth: 5, depthSize: "small" },
      { arbitrary: leaf, weight: 3 },
      fc
        .tuple(
          some,
          fc.constantFrom("+", "-", "*", "/", "//", "%", "==", "!=", "<", "and", "or", "in", "|", "<<"),
          some,
        )
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(
          some,
          fc.constantFrom("a", "result", "output", "list", "items()", "keys", "upper()", "append(1)"),
        )
        .map(([a, k]) => `${a}.${k}`),
      fc.tuple(some, some).map(([a, b]) => `${a}[${b}]`),
      fc.tuple(some, some).map(([a, b]) => `${a}[${b}:]`),
      fc.tuple(some, some, some).map(([a, b, c]) => `(${a} if ${b} else ${c})`),
      fc.tuple(some, some).map(([a, b]) => `[${a} for x in ${b}]`),
      fc.tuple(some, some).map(([a, b]) => `{${a}: ${b}}`),
      fc
        .tuple(
          fc.constantFrom(
            "len",
            "str",
            "sum",
            "max",
            "sorted",
            "list",
            "dict",
            "json.encode",
            "json.decode",
            "repr",
            "hash",
            "bool",
            "int",
            "set",
            "type",
          ),
          some,
        )
        .map(([f, a]) => `${f}(${a})`),
      fc.tuple(some, some).map(([a, b]) => `(lambda x: ${a})(${b})`),
      fc
        .tuple(some, fc.constantFrom(")", "(", "]", "'", "=", "\n", "#", "while", "**"))
        .map(([a, junk]) => `${a}${junk}`),
    ),
  };
});

/** A machine that does other things as well may take so many times longer. */
const BUSY = 5;

test("any program gives an answer or an error of a known kind, and the same one in another instance", async () => {
  await fc.assert(
    fc.asyncProperty(
      expression,
      fc.constantFrom("expression" as const, "transform" as const),
      async (text, mode) => {
        const before = performance.now();
        const [answer] = await here.evaluate([{ mode, text }], scope);
        expect(performance.now() - before).toBeLessThan(BUSY * 2 * wallMs);
        if (answer?.ok === false) expect(kinds).toContain(answer.error.kind);
        const [again] = await threaded.evaluate([{ mode, text }], scope);
        expect(again).toEqual(answer);
      },
    ),
    {
      numRuns: Number(process.env["FUZZ_RUNS"] ?? 1_000),
      seed: Number(process.env["FUZZ_SEED"] ?? 20_261_124),
    },
  );
}, 120_000);
