import type { Trail } from "../../engine/ports/audit.ts";
import { type Database, isBusy, select } from "./database.ts";
import { ReadOnlyFile } from "./read-only-file.ts";
import { RemoteDriver } from "./remote-driver.ts";
import { trail } from "./trail.ts";

/**
 * Opens a database to read its audit trail: `file:path`, or the address of a libSQL server. Rejects, saying what to do,
 * for a file that a running Station owns, and for what is no database of this version.
 */
export async function openTrail(url: string, authToken?: string): Promise<Trail> {
  let db: Database | null = null;
  try {
    db = url.startsWith("file:")
      ? new ReadOnlyFile(url.slice("file:".length))
      : new RemoteDriver(url, authToken);
    const found = await select(db, "select 1 from sqlite_master where name = 'audit_checkpoints'", []);
    if (found.length === 0)
      throw new Error(
        `${url} is no database of Station, or of an earlier version: stn migrate brings it up to date`,
      );
    return trail(db);
  } catch (error) {
    await db?.close();
    if (!isBusy(error) && !(error instanceof Error && isBusy(error.cause))) throw error;
    throw new Error(
      `${url} is in use: take a copy of it (stn backup copy.db) and verify that (--database file:copy.db)`,
      { cause: error },
    );
  }
}
