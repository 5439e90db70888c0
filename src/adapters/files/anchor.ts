import { open, readFile } from "node:fs/promises";
import type { Anchor, Anchored } from "../../engine/ports/audit.ts";

/** Bytes at a file's end that hold its last line for sure. */
const TAIL = 4096;

/**
 * A file that only grows: a line of JSON per checkpoint, synced before it counts. It proves the most where Station may
 * append and nobody may rewrite.
 */
export function anchorFile(path: string): Anchor {
  return {
    async last() {
      return linesIn(await tailOf(path)).at(-1) ?? null;
    },
    async append(lines) {
      const tail = await tailOf(path);
      // What a crash left of a line is ended, so that it is read as no line.
      const begin = tail === "" || tail.endsWith("\n") ? "" : "\n";
      const text = lines.map(({ number, hash }) => `${JSON.stringify({ checkpoint: number, hash })}\n`);
      const file = await open(path, "a", 0o644);
      try {
        await file.appendFile(begin + text.join(""));
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}

/** The checkpoints that an anchor file names, as they were noted. */
export async function anchoredIn(path: string): Promise<readonly Anchored[]> {
  return linesIn(await readFile(path, "utf8"));
}

function linesIn(text: string): readonly Anchored[] {
  return text.split("\n").flatMap((line) => anchored(line) ?? []);
}

function anchored(line: string): Anchored | null {
  try {
    const { checkpoint, hash } = JSON.parse(line);
    return typeof checkpoint === "number" && typeof hash === "string" ? { number: checkpoint, hash } : null;
  } catch {
    // Empty, or cut off by a crash: what it was to say was noted again behind it.
    return null;
  }
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path, "r").catch(absent);
  if (file === null) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A file that is not there yet has nothing; anything else is the caller's to know. */
function absent(error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw error;
}
