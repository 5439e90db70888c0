import type { Log } from "../engine/ports.ts";
import { syncEnvironment } from "../engine/sync.ts";
import { createApp } from "../http/app.ts";
import { localUser } from "../http/auth.ts";
import { serveHttp } from "../http/serve.ts";
import type { Config } from "./config.ts";
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
 * whose workers share queue and database. Brings all environments in line with their files first.
 */
export async function startServing(config: Config, log: Log): Promise<Serving> {
  const station = await openStation(config, log);
  const { ports } = station;
  try {
    for (const environment of await ports.files.list()) await syncAndTell(ports, environment);
    const app = createApp({
      ...ports,
      authenticate: localUser,
      sync: (request) => syncEnvironment(ports, request),
    });
    const served = await serveHttp({ app, host: config.http.host, port: config.http.port });
    await station.start({ executes: config.queue.kind === "embedded" || config.database.kind === "file" });
    log.info("listening", { url: served.url, queue: config.queue.kind, database: config.database.kind });
    return {
      url: served.url,
      station,
      async close() {
        await served.close();
        await station.close();
      },
    };
  } catch (error) {
    await station.close();
    throw error;
  }
}

/** The worker of a deployment: no API, no sync. */
export async function startWorking(config: Config, log: Log): Promise<Station> {
  const station = await openStation(config, log);
  await station.start({ executes: true });
  log.info("working", { queue: config.queue.kind, database: config.database.kind });
  return station;
}
