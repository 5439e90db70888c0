import type { WasmImports, WasmMemory } from "./webassembly.ts";

const ok = 0;
const badFile = 8;
const stderrLimit = 8192;
const seed = 0x9e3779b9;
const clockStart = 1_000_000_000n;

/** Thrown through the instance when it exits; it cannot be used afterwards. */
export class WasiExit extends Error {
  override readonly name = "WasiExit";
  constructor(code: number) {
    super(`the instance exited with code ${code}`);
  }
}

/** What one instance needs of a system, and what it wrote to its standard error. */
export type WasiShim = {
  readonly imports: WasmImports;
  readonly attach: (memory: WasmMemory) => void;
  readonly stderr: () => string;
};

/**
 * A WASI preview 1 without a world, the same in every run: no files, arguments or environment, a clock that ticks
 * when it is asked, seeded randomness. Go's map order, and so step counts, depend on it.
 */
export function createWasiShim(): WasiShim {
  let memory: WasmMemory | undefined;
  let now = clockStart;
  let random = seed;
  let written = "";
  const view = () => {
    if (memory === undefined) throw new Error("the WASI shim has no memory yet");
    return new DataView(memory.buffer);
  };
  const noStrings = (count: number, size: number) => {
    view().setUint32(count, 0, true);
    view().setUint32(size, 0, true);
    return ok;
  };
  const nextByte = () => {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    return random & 255;
  };
  const noFile = () => badFile;

  const wasi = {
    sched_yield: () => ok,
    proc_exit: (code: number) => {
      throw new WasiExit(code);
    },
    args_get: () => ok,
    args_sizes_get: noStrings,
    environ_get: () => ok,
    environ_sizes_get: noStrings,
    clock_time_get: (_clock: number, _precision: bigint, result: number) => {
      now += 1_000n;
      view().setBigUint64(result, now, true);
      return ok;
    },
    random_get: (at: number, length: number) => {
      for (let i = 0; i < length; i++) view().setUint8(at + i, nextByte());
      return ok;
    },
    poll_oneoff: (subscriptions: number, events: number, count: number, ready: number) => {
      for (let i = 0; i < count; i++) {
        const subscription = subscriptions + i * 48;
        const event = events + i * 32;
        view().setBigUint64(event, view().getBigUint64(subscription, true), true);
        view().setUint16(event + 8, ok, true);
        view().setUint8(event + 10, view().getUint8(subscription + 8));
      }
      view().setUint32(ready, count, true);
      now += 1_000_000n;
      return ok;
    },
    fd_write: (_file: number, vectors: number, count: number, result: number) => {
      let total = 0;
      for (let i = 0; i < count; i++) {
        const at = view().getUint32(vectors + 8 * i, true);
        const length = view().getUint32(vectors + 8 * i + 4, true);
        const room = stderrLimit - written.length;
        if (room > 0) written += Buffer.from(view().buffer, at, Math.min(length, room)).toString("latin1");
        total += length;
      }
      view().setUint32(result, total, true);
      return ok;
    },
    fd_close: noFile,
    fd_read: noFile,
    fd_filestat_get: noFile,
    path_filestat_get: noFile,
    path_open: noFile,
    fd_fdstat_get: noFile,
    fd_fdstat_set_flags: noFile,
    fd_prestat_get: noFile,
    fd_prestat_dir_name: noFile,
  };
  return {
    imports: { wasi_snapshot_preview1: wasi },
    attach: (attached) => {
      memory = attached;
    },
    stderr: () => written,
  };
}
