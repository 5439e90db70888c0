import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** The clock and the disk of one process, as long as it lives and after. */
export type Faults = {
  readonly env: Readonly<Record<string, string>>;
  /** From now on its clock is so much ahead (behind, when negative), in milliseconds. */
  moveClock(ms: number): void;
  /** From now on each flush takes so much longer, in milliseconds. */
  slowDown(ms: number): void;
  /** From now on nothing can be written to files, or again everything. */
  fillDisk(isFull: boolean): void;
  /** All is well again. */
  calm(): void;
};

/**
 * Compiles what is preloaded into processes for this; answers how to make the faults of one of them, or why there can
 * be none: it takes Linux and a C compiler.
 */
export function compileFaults(
  directory: string,
): { readonly make: (name: string) => Faults } | { readonly reason: string } {
  const library = join(directory, "faults.so");
  try {
    if (process.platform !== "linux") throw new Error(`this is ${process.platform}`);
    const source = join(import.meta.dirname, "faults.c");
    execFileSync("cc", ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], { stdio: "pipe" });
  } catch (error) {
    return { reason: error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error) };
  }
  return { make: (name) => faultsIn(join(directory, `${name}.faults`), library) };
}

const WORD = 8;

function faultsIn(path: string, library: string): Faults {
  const file = openSync(path, "w");
  process.once("exit", () => closeSync(file));
  const put = (index: number, value: number) => {
    const word = Buffer.alloc(WORD);
    word.writeBigInt64LE(BigInt(Math.round(value)));
    writeSync(file, word, 0, WORD, index * WORD);
  };
  const faults: Faults = {
    env: { LD_PRELOAD: library, CHAOS_FAULTS: path },
    moveClock: (ms) => put(0, ms),
    slowDown: (ms) => put(1, ms),
    fillDisk: (isFull) => put(2, isFull ? 1 : 0),
    calm() {
      for (const index of [0, 1, 2]) put(index, 0);
    },
  };
  faults.calm();
  return faults;
}
