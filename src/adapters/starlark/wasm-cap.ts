const headerBytes = 8;
const memorySection = 5;

/**
 * Makes a module declare a maximum for its memory, in pages of 64 KiB. Go declares none, and nothing else in V8
 * or Node bounds the memory of an instance.
 */
export function capMemory(module: Uint8Array, maxPages: number): Uint8Array {
  let at = headerBytes;
  const readByte = () => {
    const byte = module[at++];
    if (byte === undefined) throw new Error("the WebAssembly module is truncated");
    return byte;
  };
  const readNumber = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = readByte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  while (at < module.length) {
    const start = at;
    const id = readByte();
    const size = readNumber();
    const end = at + size;
    if (id === memorySection) {
      const count = readNumber();
      if (count !== 1) throw new Error(`the WebAssembly module has ${count} memories, not one`);
      readByte(); // flags
      const minPages = readNumber();
      if (minPages > maxPages) {
        throw new Error(
          `the WebAssembly module starts with ${minPages} pages; the memory limit is ${maxPages}`,
        );
      }
      const body = [1, 1, ...leb128(minPages), ...leb128(maxPages)]; // one memory, with a maximum
      return Buffer.concat([
        module.subarray(0, start),
        Uint8Array.from([memorySection, ...leb128(body.length), ...body]),
        module.subarray(end),
      ]);
    }
    at = end;
  }
  throw new Error("the WebAssembly module has no memory section");
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}
