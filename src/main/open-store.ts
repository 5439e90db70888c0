import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { createStore, type LibsqlStore, type StoreOptions } from "../adapters/libsql/store.ts";
import type { Log } from "../engine/ports.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { migrationsDir } from "./places.ts";

/** How long an alarm that was handed to the queue is left alone before it is sent again. */
export const HIDE_MS = 1500;

/** Opens the database as configured and brings its tables up to date. */
export async function openStore(
  config: Pick<Config, "database">,
  log: Log,
  listeners: Pick<StoreOptions, "onCommit" | "onMigrated">,
): Promise<LibsqlStore> {
  const { database } = config;
  // What cannot be made is told by whoever opens the file.
  if (database.kind === "file") await madeFor(database.path).catch(() => {});
  return createStore({
    ...listeners,
    ...databaseOf(config),
    migrationsDir,
    clock: systemClock,
    log,
    hideMs: HIDE_MS,
  });
}

/** Makes the folder that a database file is to be in: nobody else on the machine reads what is kept. One that is there stays as it is. */
export async function madeFor(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
}

/** Brings the database's tables up to date and answers what was missing; needs no queue. */
export async function migrate(config: Config, log: Log): Promise<readonly string[]> {
  let migrated: readonly string[] = [];
  const store = await openStore(config, log, {
    onMigrated: (names) => {
      migrated = names;
    },
  });
  await store.close();
  return migrated;
}

function databaseOf({ database }: Pick<Config, "database">) {
  if (database.kind === "file") return { url: `file:${database.path}` };
  const { url, authToken } = database;
  return authToken === null ? { url } : { url, authToken };
}
