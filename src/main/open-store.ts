import { createStore, type LibsqlStore, type StoreOptions } from "../adapters/libsql/store.ts";
import type { Log } from "../engine/ports.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { migrationsDir } from "./places.ts";

/** How long an alarm that was handed to the queue is left alone before it is sent again. */
export const HIDE_MS = 1500;

/** Opens the database as configured and brings its tables up to date. */
export function openStore(
  config: Config,
  log: Log,
  listeners: Pick<StoreOptions, "onCommit" | "onMigrated">,
): Promise<LibsqlStore> {
  return createStore({
    ...listeners,
    ...databaseOf(config),
    migrationsDir,
    clock: systemClock,
    log,
    hideMs: HIDE_MS,
  });
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

function databaseOf({ database }: Config) {
  if (database.kind === "file") return { url: `file:${database.path}` };
  const { url, authToken } = database;
  return authToken === null ? { url } : { url, authToken };
}
