import { existsSync } from "node:fs";
import { copyFile, link, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { BackupRefused } from "../../engine/errors.ts";
import type { ServerAddress } from "./at-one-moment.ts";
import { fillServer } from "./copy-server.ts";
import type { Cell } from "./database.ts";
import { flush } from "./flush.ts";
import { openFile } from "./open-file.ts";
import { RemoteDriver } from "./remote-driver.ts";

/**
 * Puts a backup in the place of a database file that no process has open, all or nothing; `prepare` is called with the
 * path of the copy before it takes the place. Answers where the database that was there is kept, `null` without one.
 */
export async function restoreFile(
  backup: string,
  file: string,
  prepare: (path: string) => Promise<void>,
  stamp: string,
): Promise<string | null> {
  const isThere = existsSync(file);
  // Refused while a server runs, and without a write-ahead log beside it afterwards: it would be played into the copy.
  if (isThere) await openFile(file).close();
  const copy = `${file}.restoring`;
  await rm(copy, { force: true });
  try {
    await copyFile(backup, copy);
    await prepare(copy);
    await flush(copy);
    const replaced = isThere ? `${file}.before-${stamp}` : null;
    if (replaced !== null) await keptAs(file, replaced);
    await rename(copy, file);
    await flush(dirname(file));
    return replaced;
  } finally {
    await rm(copy, { force: true });
  }
}

/** Fills a server's empty database. */
export async function restoreServer(backup: string, { url, authToken }: ServerAddress): Promise<void> {
  const db = new RemoteDriver(url, authToken);
  try {
    await fillServer(backup, {
      read: async (sql, args) => (await db.read([{ sql, args }]))[0] ?? [],
      write: (queries: readonly { sql: string; args: readonly Cell[] }[]) => db.write(queries),
    });
  } catch (cause) {
    throw new BackupRefused(cause instanceof Error ? cause.message : String(cause), { cause });
  } finally {
    await db.close();
  }
}

/** A second name for the same file, so that at no moment there is none. */
async function keptAs(file: string, other: string): Promise<void> {
  await link(file, other).catch(() => copyFile(file, other)); // not every file system has links
}
