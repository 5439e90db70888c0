import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { ArchiveFiles } from "../../engine/ports/archives.ts";

/** Archives as compressed NDJSON below a folder, which is made when the first one comes. */
export function archiveFiles(folder: string): ArchiveFiles {
  const pathOf = (name: string) => join(folder, name);
  return {
    async write(name, lines) {
      const path = pathOf(name);
      const partial = `${path}.partial`;
      await mkdir(dirname(path), { recursive: true });
      try {
        await pipeline(
          withEnds(lines),
          createGzip(),
          createWriteStream(partial, { mode: 0o600, flush: true }),
        );
        const sha256 = await digestOf(partial);
        const { size } = await stat(partial);
        await rename(partial, path);
        await flushNames(dirname(path));
        return { sha256, bytes: size };
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
    lines: (name) => archiveLines(pathOf(name)),
    digest: (name) =>
      digestOf(pathOf(name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      }),
    async remove(name) {
      await rm(pathOf(name), { force: true });
      await rm(`${pathOf(name)}.partial`, { force: true });
    },
  };
}

/** The lines of a compressed file. Throws when it is damaged or not there. */
export async function* archiveLines(path: string): AsyncGenerator<string> {
  const unpacked = createGunzip();
  const reading = pipeline(createReadStream(path), unpacked);
  reading.catch(() => {}); // whoever reads `unpacked` hears of it
  unpacked.setEncoding("utf8");
  let rest = "";
  for await (const chunk of unpacked) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

async function* withEnds(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function flushNames(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
