import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createStarlark, type Starlark } from "../../../src/adapters/starlark/starlark.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import type { Evaluation, Program } from "../../../src/core/run/questions.ts";

/** A machine that does other things as well may take so many times longer. */
const BUSY = 5;

const data: JsonObject = { n: 5, s: "x".repeat(1000), xs: Array.from({ length: 1000 }, (_, i) => i) };
const scope = { layers: [data], stateResults: [] };
const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;

type Abuse = {
  readonly text: string;
  readonly mode?: Program["mode"];
  /** The error's kind or kinds, or the value. */
  readonly kinds?: readonly string[];
  readonly value?: unknown;
  readonly message?: RegExp;
  readonly at?: readonly [line: number, column: number];
  readonly steps?: number;
  /** An upper bound, generous where the design says "at once". */
  readonly ms: number;
};

const atOnce = 500;
const table: Readonly<Record<string, Abuse>> = {
  "while True": {
    mode: "transform",
    text: "def f():\n  while True:\n    pass\nf()",
    kinds: ["syntax"],
    at: [2, 3],
    ms: atOnce,
  },
  recursion: {
    mode: "transform",
    text: "def f(x):\n  return f(x + 1)\nresult = f(0)",
    kinds: ["eval"],
    message: /called recursively/,
    at: [2, 10],
    ms: atOnce,
  },
  "a combinator that calls itself": {
    text: "(lambda f: f(f))(lambda f: f(f))",
    kinds: ["eval"],
    message: /called recursively/,
    ms: atOnce,
  },
  "an endless comprehension": {
    text: "[x for x in range(1000000000)]",
    kinds: ["steps"],
    at: [1, 4],
    ms: atOnce,
  },
  "a power": { text: "10**9", kinds: ["syntax"], at: [1, 3], ms: atOnce },
  "a string of 10^9": { text: '"a" * 1000000000', kinds: ["eval"], message: /excessive repeat/, ms: atOnce },
  "a string of 10^8": { text: '"a" * 100000000', kinds: ["eval"], message: /excessive repeat/, ms: atOnce },
  "a list of 10^9": { text: "[0] * 1000000000", kinds: ["eval"], message: /excessive repeat/, ms: atOnce },
  "list(range)": { text: "list(range(1000000000))", kinds: ["steps"], ms: atOnce },
  "max(range)": { text: "max(range(1000000000))", kinds: ["steps"], ms: atOnce },
  "all(range)": { text: "all(range(1, 1000000000000))", kinds: ["steps", "eval"], ms: atOnce },
  "max(range) in a loop": {
    text: "[max(range(1000000)) for i in range(10000)]",
    kinds: ["steps"],
    ms: atOnce,
  },
  "comparing nested shared lists": {
    text: "[[[1]*1000]*1000]*1000 == [[[1]*1000]*1000]*1000",
    kinds: ["steps"],
    ms: 1_000,
  },
  "printing nested shared lists": {
    text: "len(str([[[[[1]*100]*100]*100]*100]*100))",
    kinds: ["steps"],
    at: [1, 8],
    ms: 1_000,
  },
  "repeated squaring": {
    text: "[x.append(x[-1] * x[-1]) for x in [[3]] for i in range(40)]",
    kinds: ["eval"],
    message: /too large/,
    ms: atOnce,
  },
  "int of a million digits": {
    text: 'int("9" * 1000000) > 0',
    kinds: ["eval"],
    message: /too long/,
    ms: atOnce,
  },
  "a quadratic `in`": { text: "[i for i in range(100000) if 5000000 in xs]", kinds: ["steps"], ms: 500 },
  "sorting three million": { text: "len(sorted(range(3000000)))", kinds: ["steps", "eval"], ms: atOnce },
  "doubling a string": {
    text: '[x for x in [["a"]] for i in range(40) if x.append(x[-1] + x[-1]) or True]',
    kinds: ["steps", "eval"],
    ms: 1_000,
  },
  "formatting 30 MB": { text: '"%s" % ("a"*30000000)', kinds: ["steps", "eval"], ms: atOnce },
  "replace that explodes": {
    text: 'len(("a"*3000).replace("", "b"*3000).replace("", "c"*3000))',
    kinds: ["steps"],
    ms: 1_000,
  },
  "a large shift": { text: "1 << 100000", kinds: ["eval"], ms: atOnce },
  "a quadratic find": { text: '("a"*1000000).find("a"*500000+"b")', value: -1, steps: 54_699, ms: 1_000 },
  "16,000 unary minus": { text: `${"-".repeat(16_000)}1`, kinds: ["syntax"], message: /nesting/, ms: atOnce },
  "2,000 nested lambdas": {
    text: `${"lambda: ".repeat(2_000)}1`,
    kinds: ["syntax"],
    message: /nesting/,
    ms: atOnce,
  },
  "3,000 not": { text: `${"not ".repeat(3_000)}1`, kinds: ["syntax"], message: /nesting/, ms: atOnce },
  "200 parentheses": { text: nested("(", ")", 200), kinds: ["syntax"], message: /nesting/, ms: atOnce },
  "300 parentheses": { text: nested("(", ")", 300), kinds: ["syntax"], message: /nesting/, ms: atOnce },
  "1,400 chained if": {
    text: `${"1 if n else ".repeat(1_400)}1`,
    kinds: ["syntax"],
    message: /longer than/,
    ms: atOnce,
  },
  "4,000 plus": { text: `1${"+1".repeat(4_000)}`, value: 4_001, steps: 8_004, ms: 1_000 },
  "8,000 attributes": { text: `n${".a".repeat(8_000)}`, kinds: ["eval"], ms: 1_000 },
  "a result nested 255 deep": { text: "ctx.d", kinds: ["result"], message: /nested too deeply/, ms: atOnce },
  "a copied result nested 255 deep": {
    text: "ctx.o",
    kinds: ["result"],
    message: /nested too deeply/,
    ms: atOnce,
  },
  "a value that contains itself": {
    mode: "transform",
    text: "xs = []\nxs.append(xs)\nxs",
    kinds: ["result"],
    message: /contains itself/,
    ms: atOnce,
  },
  "printing a list nested 30,000 deep": {
    mode: "transform",
    text: "x = []\nfor i in range(15000):\n  x = [x]\nlen(str(x))",
    kinds: ["steps", "memory", "eval"],
    ms: 1_500,
  },
  "hashing a tuple nested deep": {
    mode: "transform",
    text: "x = ()\nfor i in range(15000):\n  x = (x,)\n{x: 1}",
    kinds: ["steps", "memory", "eval", "result"],
    ms: 1_500,
  },
  load: { mode: "transform", text: 'load("x", "y")\nresult = 1', kinds: ["syntax"], at: [1, 1], ms: atOnce },
  print: { text: 'print("hi")', value: null, ms: atOnce },
};

const deep = (open: string, close: string) => JSON.parse(nested(open, close, 250));
const withDeep: JsonObject = { ...data, ctx: { d: deep("[", "]"), o: deep('{"a":', "}") } };

describe.each([
  ["in a thread", 0],
  ["in the calling thread first", 2_000],
])("abuse, %s", (_where, localSteps) => {
  let starlark: Starlark;
  beforeAll(async () => {
    starlark = createStarlark({ localSteps });
    await starlark.ready();
  });
  afterAll(() => starlark.close());

  test.each(Object.entries(table))("%s does no harm", async (_name, abuse) => {
    const before = performance.now();
    const program = { mode: abuse.mode ?? "expression", text: abuse.text } as const;
    const [answer] = await starlark.evaluate([program], { layers: [withDeep], stateResults: [] });
    const took = performance.now() - before;
    if (answer?.ok) {
      expect(abuse.kinds, JSON.stringify(answer)).toBeUndefined();
      expect(answer.value).toEqual(abuse.value);
      if (abuse.steps !== undefined) expect(answer.steps).toBe(abuse.steps);
    } else {
      expect(abuse.kinds ?? [], answer?.error.message).toContain(answer?.error.kind);
      if (abuse.message !== undefined) expect(answer?.error.message).toMatch(abuse.message);
      if (abuse.at !== undefined) expect([answer?.error.line, answer?.error.column]).toEqual(abuse.at);
    }
    expect(took).toBeLessThan(BUSY * abuse.ms);
    expect(await value(starlark, "n > 3")).toBe(true);
  });
});

describe("abuse of the data", () => {
  const starlark = createStarlark();
  afterAll(() => starlark.close());

  test("100 MB are refused before they are sent", async () => {
    const layers = [{ d: "a".repeat(100_000_000), n: 5 }];
    const [answer, neighbour] = await starlark.evaluate(
      [
        { mode: "expression", text: "len(d)" },
        { mode: "expression", text: "n" },
      ],
      { layers, stateResults: [] },
    );
    expect(answer).toMatchObject({ ok: false, error: { kind: "memory", message: /limit is 4194304/ } });
    expect(neighbour).toMatchObject({ ok: true, value: 5 });
  });

  test.each([300, 100_000])("data nested %i deep is refused", async (depth) => {
    let d: JsonObject | readonly unknown[] = [];
    for (let i = 0; i < depth; i++) d = [d];
    const [answer] = await starlark.evaluate([{ mode: "expression", text: "d" }], {
      layers: [{ d } as JsonObject],
      stateResults: [],
    });
    expect(answer).toMatchObject({ ok: false, error: { kind: "memory", message: /nests/ } });
  });
});

describe("abuse with nearly unlimited steps", () => {
  const starlark = createStarlark({ steps: 1e12 });
  const patient = createStarlark({ steps: 1e12, wallMs: 10_000 });
  afterAll(() => Promise.all([starlark.close(), patient.close()]));
  const hog = "[str(i) * 3000000 for i in range(100000)]";
  const loop = "[0 for a in range(1000000) for b in range(1000000) if a == b + 10000000]";

  test("a program that needs all memory gets a memory error, and nothing else dies", async () => {
    expect(await kind(patient, "[str(i)*60000 for i in range(100000)]")).toBe("memory");
    expect(await value(patient, "n > 3")).toBe(true);
  }, 30_000);

  test("a program that never ends gets a timeout, after one more try, and its thread is replaced", async () => {
    await starlark.ready();
    const before = performance.now();
    expect(await kind(starlark, loop)).toBe("timeout");
    const took = performance.now() - before;
    expect(took).toBeGreaterThan(2_000);
    expect(took).toBeLessThan(BUSY * 4_000);
    expect(await value(starlark, "[x for x in range(5000) if x > 4998]")).toEqual([4999]);
  }, 30_000);

  test("neighbours of a killing program keep their own answers", async () => {
    const texts = ["n > 3", "nope", hog, loop, "n > 30", "s[0]"];
    const answers = await starlark.evaluate(
      texts.map((text) => ({ mode: "expression", text })),
      scope,
    );
    expect(answers.map(short)).toEqual([true, "name", "memory", "timeout", false, "x"]);
  }, 15_000);
});

function short(answer: Evaluation): unknown {
  return answer.ok ? answer.value : answer.error.kind;
}

async function value(starlark: Starlark, text: string): Promise<unknown> {
  const [answer] = await starlark.evaluate([{ mode: "expression", text }], scope);
  return answer?.ok ? answer.value : answer;
}

async function kind(starlark: Starlark, text: string): Promise<unknown> {
  const [answer] = await starlark.evaluate([{ mode: "expression", text }], scope);
  return answer?.ok ? answer : answer?.error.kind;
}
