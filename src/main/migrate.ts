import { patiently } from "./away.ts";
import { migrate } from "./open-store.ts";
import { cannotStart, configured, untilStopped } from "./process.ts";

// The one-shot container before a new version: brings the database's tables up to date, waiting for it if need be.
const { config, log } = configured(process.env, "migrate");
const stopped = untilStopped(log, config.drainTimeoutMs);
const migrated = await patiently(() => migrate(config, log), { signal: stopped, log }).catch(
  cannotStart(log, stopped),
);
log.info("database is up to date", { migrated, database: config.database.kind });
process.exit(0);
