import { beforeAll, expect, test } from "vitest";
import { loadModule } from "../../../src/adapters/starlark/artefact.ts";
import { createEvaluator, Dead, type Evaluator } from "../../../src/adapters/starlark/evaluator.ts";
import { type Source, toSources } from "../../../src/adapters/starlark/program.ts";
import type { WasmModule } from "../../../src/adapters/starlark/webassembly.ts";

// One step must not buy much work: the step limit would otherwise bound nothing.

const memoryMiB = 64;
const steps = 100_000;
const microsecondsPerStep = 5;
const runs = 3;

const context = JSON.stringify({
  xs: Array.from({ length: 1000 }, (_, i) => i),
  big: "y".repeat(60_000),
  words: "many words here ".repeat(4_000),
  objs: Array.from({ length: 200 }, (_, i) => ({ a: i, b: `s${i}`, c: { d: i } })),
  text: JSON.stringify(Array.from({ length: 2_000 }, (_, i) => ({ a: i }))),
});

const shapes: Readonly<Record<string, string>> = {
  comprehension: "[x for x in range(1000000000)]",
  "max(range)": "max(range(300000)) + max(range(300000))",
  "nested ==": "[[[1]*1000]*1000]*1000 == [[[1]*1000]*1000]*1000",
  "str(nested)": "len(str([[[[[1]*100]*100]*100]*100]*100))",
  "in list": "[i for i in range(100000) if 5000000 in xs]",
  sorted: "[len(sorted(xs, reverse=True)) for i in range(100000)]",
  "sorted strings": "[len(sorted([str(x) for x in xs])) for i in range(100000)]",
  "large product":
    "[a*a for a in [1<<500] for a in [a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a] for i in range(100000)]",
  "large quotient": "[(a*a)//a for a in [1<<500] for a in [a*a*a*a*a*a*a*a*a*a*a] for i in range(100000)]",
  "str(large int)":
    "[len(str(a)) for a in [1<<500] for a in [a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a] for i in range(100000)]",
  "int(text)": '[int(z) for z in ["9"*4000] for i in range(100000)]',
  concatenation: "[len(big + big) for i in range(100000)]",
  "string ==": '[big + "a" == big + "b" for i in range(100000)]',
  replace: '[len(big.replace("y", "zz")) for i in range(100000)]',
  "replace with growth": '[len(("a"*300).replace("", "b"*3000)) for i in range(100000)]',
  split: '[len(big.split("y")) for i in range(100000)]',
  "split words": "[len(words.split()) for i in range(100000)]",
  find: '[big.find("yyyyyyyyyyyyyyyyz") for i in range(100000)]',
  count: '[big.count("y") for i in range(100000)]',
  upper: "[len(big.upper()) for i in range(100000)]",
  title: "[len(words.title()) for i in range(100000)]",
  strip: '[len(big.strip("y")) for i in range(100000)]',
  join: '[len(",".join([b for b in [big, big]])) for i in range(100000)]',
  "join many": '[len(",".join(ys)) for ys in [[str(x) for x in xs]] for i in range(100000)]',
  "%": 'len([len("%s %s" % (big, big)) for i in range(100000)])',
  format: 'len([len("{} {}".format(big, big)) for i in range(100000)])',
  splitlines: "[len(big.splitlines()) for i in range(100000)]",
  repr: "[len(repr(big)) for i in range(100000)]",
  hash: "[hash(big) for i in range(100000)]",
  elems: "[len(list(big.elems())) for i in range(100000)]",
  codepoints: "[len(list(big.codepoints())) for i in range(100000)]",
  "list slice": "[len(xs[1:]) for i in range(100000)]",
  "list concatenation": "[len(xs + xs) for i in range(100000)]",
  "list repeat": "[len(xs * 10) for i in range(100000)]",
  "list.index": "[xs.index(999) for i in range(100000)]",
  "dict comprehension": "[len({x: x for x in xs}) for i in range(100000)]",
  "dict(zip)": "[len(dict(zip(xs, xs))) for i in range(100000)]",
  "set union": "[len(set(xs) | set(xs)) for i in range(100000)]",
  "tuple hash": "[len({t: 1}) for t in [tuple(xs)] for i in range(100000)]",
  zip: "[len(zip(xs, xs, xs)) for i in range(100000)]",
  enumerate: "[len(enumerate(xs)) for i in range(100000)]",
  reversed: "[len(reversed(xs)) for i in range(100000)]",
  "object.items": "[len(o.items()) for i in range(100000) for o in objs]",
  "object ==": "[o == p for o in objs for p in objs for i in range(10)]",
  "object |": "[len(o | p) for o in objs for p in objs for i in range(10)]",
  "str(object)": "[len(str(objs)) for i in range(100000)]",
  hasattr: '[hasattr(o, "zz") for i in range(100000) for o in objs]',
  dir: '[len(dir("")) for i in range(100000)]',
  "dir(object)": "[len(dir(o)) for i in range(100000) for o in objs]",
  "method value": '["".upper for i in range(100000)] == 1',
  "lambda call": "[f(1) for f in [lambda x: x] for i in range(100000)]",
  sum: "[sum(xs) for i in range(100000)]",
  "sum of strings": '[len(sum([big] * 100, "")) for i in range(100000)]',
  "json.encode": "[len(json.encode(objs)) for i in range(100000)]",
  "json.encode of text": "[len(json.encode(big)) for i in range(100000)]",
  "json.decode": "[len(json.decode(text)) for i in range(100000)]",
  "json.indent": "[len(json.indent(text)) for i in range(100000)]",
  "result of copies": "[objs for i in range(100000)]",
};

let module: WasmModule;
let evaluator: Evaluator;
beforeAll(async () => {
  module = await loadModule(memoryMiB);
  evaluator = createEvaluator(module, memoryMiB);
});

test.each(Object.entries(shapes))("a step of %s costs little", (name, text) => {
  const [source] = toSources([{ mode: "expression", text }], []) as [Source];
  const costs = Array.from({ length: runs }, () => cost(source));
  const best = Math.min(...costs);
  if (process.env["AMPLIFICATION"] !== undefined) console.log(`${best.toFixed(2)} µs/step  ${name}`);
  expect(best).toBeLessThan(microsecondsPerStep);
});

/** CPU microseconds per step. What dies of memory is bounded by that and counts as if it had used all steps. */
function cost(source: Source): number {
  const scope = evaluator.load(context);
  const before = process.cpuUsage();
  let used = steps;
  try {
    const answer = evaluator.evaluate(source, scope, steps);
    if (answer.ok) used = answer.steps;
  } catch (error) {
    if (!(error instanceof Dead) || !error.memory) throw error;
    evaluator = createEvaluator(module, memoryMiB);
    return 0;
  }
  const { user, system } = process.cpuUsage(before);
  evaluator.drop(scope);
  return (user + system) / used;
}
