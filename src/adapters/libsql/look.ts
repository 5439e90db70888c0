import { existsSync } from "node:fs";
import type { Database } from "./database.ts";
import { missingMigrations } from "./migrate.ts";
import { openFile } from "./open-file.ts";
import { RemoteDriver } from "./remote-driver.ts";

/** How a database stands to this program. */
export type Standing =
  | { readonly status: "absent"; readonly path: string }
  /** The names of the migrations that it has not had; none when it is up to date. */
  | { readonly status: "there"; readonly missing: readonly string[] };

/**
 * Looks at a database and changes nothing: a `path`, or the address of a libSQL server. Rejects where `createStore` would,
 * for a file that is in use or a database of a newer program.
 */
export async function lookAt(
  database: { readonly path: string } | { readonly url: string; readonly authToken: string | null },
  migrationsDir: string,
): Promise<Standing> {
  if ("path" in database && !existsSync(database.path)) return { status: "absent", path: database.path };
  const db: Database =
    "path" in database
      ? openFile(database.path)
      : new RemoteDriver(database.url, database.authToken ?? undefined);
  try {
    return { status: "there", missing: await missingMigrations(db, migrationsDir) };
  } finally {
    await db.close();
  }
}
