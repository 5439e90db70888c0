import { expect, test } from "vitest";
import { capMemory } from "./wasm-cap.ts";
import { webAssembly } from "./webassembly.ts";

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const custom = [0, 3, 1, 0x78, 0]; // a section named x
const memory = (...limits: number[]) => [5, limits.length + 1, 1, ...limits];
const exported = [7, 5, 1, 1, 0x6d, 2, 0]; // the memory, as m

type Memory = { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => number };

async function memoryOf(bytes: Uint8Array): Promise<Memory> {
  const module = await webAssembly.compile(bytes);
  return (new webAssembly.Instance(module, {}).exports as { m: Memory }).m;
}

test.each([
  ["without a maximum", memory(0, 1)],
  ["with a larger one", memory(1, 1, 0x80, 0x80, 4)],
])("a module %s gets ours, and the sections around it stay", async (_what, section) => {
  const capped = capMemory(Uint8Array.from([...header, ...custom, ...section, ...exported]), 300);
  const { buffer, grow } = await memoryOf(capped).then((it) => ({
    buffer: it.buffer,
    grow: it.grow.bind(it),
  }));
  expect(buffer.byteLength).toBe(65_536);
  expect(grow(299)).toBe(1);
  expect(() => grow(1)).toThrow(RangeError);
});

test("a module that starts above the limit is refused", () => {
  expect(() => capMemory(Uint8Array.from([...header, ...memory(0, 20)]), 10)).toThrow(/starts with 20 pages/);
});

test("a module without a memory, or cut off, is refused", () => {
  expect(() => capMemory(Uint8Array.from([...header, ...custom]), 10)).toThrow(/no memory section/);
  expect(() => capMemory(Uint8Array.from([...header, 5]), 10)).toThrow(/truncated/);
});
