import { beforeAll, expect, test } from "vitest";
import { loadModule } from "./artefact.ts";
import { createEvaluator } from "./evaluator.ts";
import { type Source, toSources } from "./program.ts";
import { createWasiShim, WasiExit } from "./wasi-shim.ts";
import type { WasmModule } from "./webassembly.ts";

const memoryMiB = 64;
let module: WasmModule;
beforeAll(async () => {
  module = await loadModule(memoryMiB);
});

const context = JSON.stringify({
  xs: Array.from({ length: 300 }, (_, i) => ({ k: `k${(i * 7919) % 300}`, v: i / 7 })),
  result: { a: 1, b: 2 },
});

test.each([
  "{x.k: x.v for x in xs}",
  "list(set([x.k for x in xs]))",
  "dir({})",
  'hash("abc")',
  "str({x.k: x for x in xs[:5]})",
  "result.aa",
  "sorted([x.v for x in xs], key = lambda v: -v)[:5]",
  "[x for x in range(10000000)]",
  "0.1 + 0.2",
  '"%g %e %f" % (1/3, 1/3, 1/3)',
  "result",
])("%s gives the same value and steps, in the same memory, in every instance", (text) => {
  const [source] = toSources([{ mode: "expression", text }], []) as [Source];
  const outcomes = Array.from({ length: 3 }, () => {
    const evaluator = createEvaluator(module, memoryMiB);
    const answer = evaluator.evaluate(source, evaluator.load(context), 200_000);
    return { answer, memory: evaluator.memoryMiB() };
  });
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(outcomes[2]).toEqual(outcomes[0]);
});

test("clock and randomness are the same in every run", () => {
  const readings = Array.from({ length: 2 }, () => {
    const memory = new ArrayBuffer(64);
    const shim = createWasiShim();
    shim.attach({ buffer: memory });
    const wasi = shim.imports["wasi_snapshot_preview1"] as Record<string, (...args: unknown[]) => number>;
    wasi["clock_time_get"]?.(0, 0n, 0);
    wasi["clock_time_get"]?.(0, 0n, 8);
    wasi["random_get"]?.(16, 48);
    return Buffer.from(memory).toString("hex");
  });
  expect(readings[1]).toBe(readings[0]);
  expect(new Set(readings[0]?.match(/../g)).size).toBeGreaterThan(20);
});

test("an exit cannot go unnoticed", () => {
  const wasi = createWasiShim().imports["wasi_snapshot_preview1"] as Record<
    string,
    (code: number) => unknown
  >;
  expect(() => wasi["proc_exit"]?.(2)).toThrow(WasiExit);
});
