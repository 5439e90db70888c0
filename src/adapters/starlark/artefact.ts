import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { capMemory } from "./wasm-cap.ts";
import { type WasmModule, webAssembly } from "./webassembly.ts";

const pagesPerMiB = 16;

/** Inflates, caps and compiles the evaluator that lies beside this file. */
export async function loadModule(memoryMiB: number): Promise<WasmModule> {
  const packed = await readFile(new URL("./starlark.wasm.br", import.meta.url));
  const bytes = await promisify(brotliDecompress)(packed);
  return webAssembly.compile(capMemory(bytes, memoryMiB * pagesPerMiB));
}
