import { resolve } from "node:path";
import type { Metrics } from "../adapters/metrics/metrics.ts";
import type { Log } from "../engine/ports.ts";
import { tellSettings } from "../engine/tell-settings.ts";
import { type Admin, openAdmin } from "./admin.ts";
import { patiently } from "./away.ts";
import type { Config } from "./config.ts";
import { createDoor } from "./door.ts";
import { openMetrics } from "./metrics.ts";
import { reportLoad } from "./report-load.ts";
import { openStation, type Station } from "./station.ts";
import { syncAndTell } from "./sync-and-tell.ts";

export type Serving = {
  readonly url: string;
  readonly station: Station;
  /** Takes nothing new, finishes what is in hand, lets go of everything. */
  close(): Promise<void>;
};

/**
 * API and, where nobody else could do it, the worker: the whole of Station in one process, or the API of a deployment
 * whose workers share queue and database. Brings all environments in line with their files first. While the database
 * is away it answers `/healthz`, and everything else with 503, and tries again until `signal` aborts.
 */
export async function startServing(
  config: Config,
  log: Log,
  signal = NEVER,
  /** Somebody reads files in as they are saved. */
  { isWatching = false }: { readonly isWatching?: boolean } = {},
): Promise<Serving> {
  const metrics = await openMetrics(config, "api");
  const door = await createDoor(config, log, metrics, isWatching);
  const admin = await opened(config, log, metrics, signal);
  let station: Station | null = null;
  const closing = new AbortController();
  const close = async () => {
    closing.abort();
    await door.close();
    await station?.close();
    await admin.close();
  };
  try {
    station = await openStation(config, log, {
      metrics,
      waiting: {
        signal,
        whileAway: async (ports) => {
          admin.watch(ports);
          await door.open(ports);
          log.info("answering, not ready yet", { url: door.url() });
        },
      },
    });
    const { ports, start } = station;
    await patiently(() => tellSettings(ports, "api", config.settings), { signal, log });
    const executes = config.queue.kind === "embedded" || config.database.kind === "file";
    // First: runs that were interrupted go on while the files are read.
    await patiently(() => start({ executes }), { signal, log });
    await patiently(
      async () => {
        for (const environment of await environmentsOf(ports, config)) await syncAndTell(ports, environment);
      },
      { signal, log },
    );
    await door.open(ports);
    if (!signal.aborted) admin.watch(ports);
    if (config.cloudWatchName !== null)
      void reportLoad(ports, config.cloudWatchName, {
        signal: AbortSignal.any([signal, closing.signal]),
        write: (line) => process.stderr.write(line),
      });
    log.info("listening", { url: door.url(), queue: config.queue.kind, database: config.database.kind });
    return { url: door.url(), station, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const NEVER = new AbortController().signal;

/** The worker of a deployment: no API, no sync. Waits for a database that is away until `signal` aborts. */
export async function startWorking(
  config: Config,
  log: Log,
  signal = NEVER,
): Promise<Pick<Serving, "station" | "close">> {
  const metrics = await openMetrics(config, "worker");
  const admin = await opened(config, log, metrics, signal);
  let station: Station | null = null;
  const close = async () => {
    await station?.close();
    await admin.close();
  };
  try {
    station = await openStation(config, log, {
      metrics,
      waiting: { signal, whileAway: async (ports) => admin.watch(ports) },
    });
    const { ports, start } = station;
    await patiently(() => tellSettings(ports, "worker", config.settings), { signal, log });
    await patiently(() => start({ executes: true }), { signal, log });
    await environmentsOf(ports, config);
    if (!signal.aborted) admin.watch(ports);
    log.info("working", { queue: config.queue.kind, database: config.database.kind });
    return { station, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The environments whose files are here; that there are none is told: most likely the folder is another one. */
async function environmentsOf(
  { files, log }: Station["ports"],
  { environmentsDir }: Config,
): Promise<readonly string[]> {
  const environments = await files.list();
  if (environments.length === 0) log.warn("no environments", { environments_dir: resolve(environmentsDir) });
  return environments;
}

/** The platform's port; from the moment `signal` aborts it says that the process is not ready. */
async function opened(
  { admin }: Config,
  log: Log,
  metrics: Metrics | null,
  signal: AbortSignal,
): Promise<Admin> {
  const open = await openAdmin(admin, metrics);
  if (open.url !== null) log.info("admin listening", { url: open.url });
  signal.addEventListener("abort", () => open.stopping(), { once: true });
  return open;
}
