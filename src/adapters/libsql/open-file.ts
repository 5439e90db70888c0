import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, resolve } from "node:path";
import { StoreUnavailable } from "../../engine/errors.ts";
import { isBusy, isDisk } from "./database.ts";
import { FileDriver } from "./file-driver.ts";
import { removeStaged } from "./file-snapshots.ts";

/** Pages the write-ahead log holds before a commit carries them over: 16 MB. A page changed often is carried once. */
const CHECKPOINT_PAGES = 4_000;
/** What one large transaction may leave of it on disk. */
const WAL_BYTES = 64 * 1024 * 1024;

/** Another process has the file. */
export class FileInUse extends Error {
  override readonly name = "FileInUse";
}

/**
 * Opens a database file for this process alone (`:memory:` too). The lock is the operating system's, on the file
 * itself: it ends with the process, however it ends. Throws, naming the holder, when another process has it.
 */
export function openFile(path: string): FileDriver {
  if (path === ":memory:") {
    const db = new FileDriver(path);
    db.exec("pragma foreign_keys = on");
    return db;
  }
  const file = resolve(path);
  const owner = `${file}.owner`;
  const db = connect(file, owner);
  try {
    // Exclusive before the first access: no shared memory is used, and what is locked stays locked.
    db.exec("pragma locking_mode = exclusive");
    db.exec("pragma auto_vacuum = incremental");
    db.exec("pragma journal_mode = wal");
    db.exec("pragma synchronous = full");
    db.exec("pragma foreign_keys = on");
    db.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.exec(`pragma journal_size_limit = ${WAL_BYTES}`);
    db.exec("pragma cache_size = -32768");
    db.exec("pragma temp_store = memory");
    db.transaction(() => {});
    removeStaged(file);
    signAt(owner);
  } catch (error) {
    db.abandon();
    if (isDisk(error)) stillLocked.add(file);
    if (!isBusy(error)) throw cannotOpen(file, error);
    if (stillLocked.has(file)) throw new StoreUnavailable(`this process still lets go of ${file}`);
    throw new FileInUse(
      `the database file ${file} is in use by ${holderIn(owner)}; one process owns a file`,
      {
        cause: error,
      },
    );
  }
  stillLocked.delete(file);
  return db;
}

/** Files that this process let go of while the disk was full: the driver may keep their locks for a while. */
const stillLocked = new Set<string>();

/** Only for the message of who comes second: a full disk is no reason not to go on. */
function signAt(owner: string): void {
  try {
    const self = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    writeFileSync(owner, JSON.stringify(self));
  } catch (error) {
    if (!isDisk(error)) throw error;
  }
}

function connect(file: string, owner: string): FileDriver {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return new FileDriver(file, {
      before: (closing) => giveUp(closing, file),
      after: () => rmSync(owner, { force: true }),
    });
  } catch (error) {
    throw cannotOpen(file, error);
  }
}

/** A full disk will have room again; whoever waits for a database that is away waits for that too. */
function cannotOpen(file: string, cause: unknown): Error {
  const Kind = isDisk(cause) ? StoreUnavailable : Error;
  return new Kind(`cannot open the database file ${file}`, { cause });
}

/**
 * The driver keeps its file open until its statements are collected as garbage, so the lock is given back first;
 * that needs leaving the write-ahead log, which is empty then: one file is left, whole.
 */
function giveUp(db: FileDriver, file: string): void {
  try {
    db.exec("pragma journal_mode = delete");
    db.exec("pragma locking_mode = normal");
    db.exec("select 1 from sqlite_master limit 1");
  } catch (error) {
    if (!isDisk(error)) throw error;
    stillLocked.add(file);
  }
}

/** Who wrote its name beside the file: only for the message, the lock is what counts. */
function holderIn(owner: string): string {
  try {
    const { pid, host, since } = JSON.parse(readFileSync(owner, "utf8"));
    return `process ${pid} on ${host} since ${since}`;
  } catch {
    // The holder has not written it yet, or is another program.
    return "another process";
  }
}
