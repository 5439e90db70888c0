import { randomUUID } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, read, readdirSync, rmSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import type { Snapshot } from "../../engine/ports/backups.ts";
import type { FileDriver } from "./file-driver.ts";

const CHUNK_BYTES = 1024 * 1024;
const STAGED = ".snapshot-";

/**
 * Copies of a database file, taken by the process that owns it, one at a time. While one is taken, commits gather in the
 * write-ahead log: the file itself stays as it is.
 */
export class FileSnapshots {
  readonly #db: FileDriver;
  readonly #file: string;
  readonly #closing = new AbortController();
  #descriptor: number | null = null;
  #latest: Promise<unknown> = Promise.resolve();

  constructor(db: FileDriver, file: string) {
    this.#db = db;
    this.#file = file;
  }

  /** A copy beside the file, which is gone when it was read, and when nobody reads it any more. */
  async take(signal: AbortSignal): Promise<Snapshot> {
    const path = `${this.#file}${STAGED}${randomUUID()}`;
    await this.copyTo(path, signal);
    const staged = await open(path);
    // Nothing is left behind, whatever becomes of the reader.
    await rm(path);
    const { size } = await staged.stat();
    const stream = Readable.toWeb(createReadStream(path, { fd: staged, highWaterMark: CHUNK_BYTES }));
    return { bytes: size, stream: stream as ReadableStream<Uint8Array> };
  }

  /** Copies the database into a file that is not there yet, and has it written to the disk. */
  copyTo(path: string, signal: AbortSignal): Promise<void> {
    const copied = this.#latest.then(() =>
      this.#copyTo(path, AbortSignal.any([signal, this.#closing.signal])),
    );
    this.#latest = copied.catch(() => {});
    return copied;
  }

  /** Gives up the copy in hand; call `letGo` when the database is closed. */
  async stop(): Promise<void> {
    this.#closing.abort(new Error(`the database file ${this.#file} is being closed`));
    await this.#latest;
  }

  /** Lets go of the file. Not before the database is closed: closing any descriptor gives up its locks (POSIX). */
  letGo(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  async #copyTo(path: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#descriptor ??= openSync(this.#file, "r");
    const carriesOn = this.#db.holdCheckpoints();
    try {
      await copyBytes(this.#descriptor, path, signal);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      carriesOn();
    }
  }
}

/** Deletes copies that a process left unfinished when it died. */
export function removeStaged(file: string): void {
  const folder = dirname(file);
  for (const name of readdirSync(folder))
    if (name.startsWith(`${basename(file)}${STAGED}`)) rmSync(join(folder, name), { force: true });
}

const readAt = promisify(read);

async function copyBytes(from: number, path: string, signal: AbortSignal): Promise<void> {
  const { size } = fstatSync(from);
  const to = await open(path, "wx", 0o600);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let at = 0; at < size; ) {
      signal.throwIfAborted();
      const { bytesRead } = await readAt(from, buffer, 0, CHUNK_BYTES, at);
      if (bytesRead === 0) throw new Error(`the database file ends at ${at} of ${size} bytes`);
      await to.write(buffer, 0, bytesRead);
      at += bytesRead;
    }
    await to.sync();
  } finally {
    await to.close();
  }
}
