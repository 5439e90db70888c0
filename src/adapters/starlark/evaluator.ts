import { Lru } from "../../core/lru.ts";
import type { FreeName, RawAnswer, RawDescription, Source } from "./program.ts";
import { createWasiShim } from "./wasi-shim.ts";
import { type WasmMemory, type WasmModule, webAssembly } from "./webassembly.ts";

const abi = 1;
const programsPerInstance = 4096;
const gcPercent = 100;
const mebibyte = 1 << 20;

type Exports = {
  readonly memory: WasmMemory;
  readonly _initialize: () => void;
  readonly sl_abi: () => number;
  readonly sl_init: (memoryLimit: bigint, gcPercent: number) => void;
  readonly sl_buf: (bytes: number) => number;
  readonly sl_compile: (mode: number) => number;
  readonly sl_describe: (program: number) => bigint;
  readonly sl_context: () => number;
  readonly sl_scope: () => number;
  readonly sl_eval: (program: number, scope: number, steps: bigint) => bigint;
  readonly sl_drop: (handle: number) => void;
  readonly sl_drop_program: (program: number) => void;
};

/** The instance trapped or exited: discard it. `memory` when it ran out of memory or of stack. */
export class Dead extends Error {
  override readonly name = "Dead";
  readonly memory: boolean;
  constructor(cause: unknown, stderr: string) {
    super(`the evaluator died: ${stderr.split("\n", 1)[0] || String(cause)}`, { cause });
    this.memory =
      cause instanceof RangeError || /out of memory|stack overflow|exceeds \d+-byte limit/.test(stderr);
  }
}

/** A context that cannot be loaded. */
export class ContextRefused extends Error {
  override readonly name = "ContextRefused";
}

/** One WebAssembly instance. Every method may throw `Dead`; after that none may be called. */
export type Evaluator = {
  readonly describe: (source: Source) => RawDescription;
  /** Loads a JSON object as the scope. Throws `ContextRefused` when it nests too deeply. */
  readonly load: (context: string) => LoadedScope;
  readonly evaluate: (source: Source, scope: LoadedScope, steps: number) => RawAnswer;
  readonly drop: (scope: LoadedScope) => void;
  readonly memoryMiB: () => number;
};

export type LoadedScope = { readonly context: number; readonly scope: number };

/** Starts an instance; synchronous, some milliseconds once the code is warm. */
export function createEvaluator(module: WasmModule, memoryMiB: number): Evaluator {
  const shim = createWasiShim();
  const alive = <T>(call: () => T): T => {
    try {
      return call();
    } catch (cause) {
      throw new Dead(cause, shim.stderr());
    }
  };
  const wasm = new webAssembly.Instance(module, shim.imports).exports as Exports;
  shim.attach(wasm.memory);
  alive(() => {
    wasm._initialize();
    wasm.sl_init(BigInt(Math.floor(memoryMiB * 0.75) * mebibyte), gcPercent);
  });
  if (wasm.sl_abi() !== abi)
    throw new Error(`starlark.wasm.br has ABI ${wasm.sl_abi()}, this program needs ${abi}`);

  const programs = new Lru<string, number>(programsPerInstance, (handle) => wasm.sl_drop_program(handle));

  // Memory may have grown during any call: a view is never kept.
  const put = (text: string) => {
    const bytes = Buffer.byteLength(text);
    const at = wasm.sl_buf(bytes) >>> 0;
    Buffer.from(wasm.memory.buffer, at, bytes).write(text);
  };
  const take = (answer: bigint) =>
    Buffer.from(wasm.memory.buffer, Number(answer >> 32n), Number(answer & 0xffffffffn)).toString();
  const compile = (source: Source) => {
    const known = programs.get(source.key);
    if (known !== undefined) return known;
    put(JSON.stringify({ src: source.text, stateResults: source.stateResults }));
    const handle = wasm.sl_compile(source.mode === "expression" ? 0 : 1);
    programs.set(source.key, handle);
    return handle;
  };

  return {
    describe: (source) => alive(() => toDescription(take(wasm.sl_describe(compile(source))))),
    load: (text) => {
      const context = alive(() => {
        put(text);
        return wasm.sl_context();
      });
      if (context === -2) throw new ContextRefused("the data nests deeper than 256 levels");
      if (context < 0) throw new Error("the evaluator takes the context for malformed JSON");
      return alive(() => {
        const at = wasm.sl_buf(4) >>> 0;
        new DataView(wasm.memory.buffer).setInt32(at, context, true);
        return { context, scope: wasm.sl_scope() };
      });
    },
    evaluate: (source, { scope }, steps) =>
      alive(() => toAnswer(take(wasm.sl_eval(compile(source), scope, BigInt(steps))))),
    drop: ({ context, scope }) =>
      alive(() => {
        wasm.sl_drop(context);
        wasm.sl_drop(scope);
      }),
    memoryMiB: () => wasm.memory.buffer.byteLength / mebibyte,
  };
}

type WireError = {
  readonly kind: "syntax";
  readonly message: string;
  readonly line: number;
  readonly col: number;
};

function toAnswer(answer: string): RawAnswer {
  const end = answer.indexOf("\n");
  const meta = JSON.parse(answer.slice(0, end));
  if (meta.ok) return { ok: true, truth: meta.truth, steps: meta.steps, text: answer.slice(end + 1) };
  return { ok: false, error: toError(meta.error) };
}

function toDescription(answer: string): RawDescription {
  const { error, names } = JSON.parse(answer);
  const free: FreeName[] = names.map(({ col, ...name }: { col: number }) => ({ ...name, column: col }));
  return error === undefined ? { names: free } : { error: toError(error), names: free };
}

function toError({ kind, message, line, col }: WireError): RawDescription["error"] & {} {
  return { kind, message, line, column: col };
}
