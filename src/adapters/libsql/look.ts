import { existsSync } from "node:fs";
import type { Database } from "./database.ts";
import { missingMigrations } from "./migrate.ts";
import { FileInUse, openFile } from "./open-file.ts";
import { RemoteDriver } from "./remote-driver.ts";

/** How a database stands to this program. */
export type Standing =
  | { readonly status: "absent"; readonly path: string }
  /** Another process has the file; who, in a sentence. */
  | { readonly status: "in-use"; readonly sentence: string }
  /** The names of the migrations that it has not had; none when it is up to date. */
  | { readonly status: "there"; readonly missing: readonly string[] };

/**
 * Looks at a database and changes nothing: a `path`, or the address of a libSQL server. Rejects where `createStore` would,
 * for a database of a newer program.
 */
export async function lookAt(
  database: { readonly path: string } | { readonly url: string; readonly authToken: string | null },
  migrationsDir: string,
): Promise<Standing> {
  if ("path" in database && !existsSync(database.path)) return { status: "absent", path: database.path };
  let db: Database;
  try {
    db =
      "path" in database
        ? openFile(database.path)
        : new RemoteDriver(database.url, database.authToken ?? undefined);
  } catch (error) {
    if (error instanceof FileInUse) return { status: "in-use", sentence: error.message };
    throw error;
  }
  try {
    return { status: "there", missing: await missingMigrations(db, migrationsDir) };
  } finally {
    await db.close();
  }
}
