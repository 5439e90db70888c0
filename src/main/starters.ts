import type { Starters } from "../cli/deps.ts";
import type { Finding } from "../engine/ports.ts";
import { type Config, loadConfig } from "./config.ts";
import type { Environment } from "./environment-reader.ts";
import { migrate } from "./open-store.ts";
import { aborted, configured, untilStopped } from "./process.ts";
import { startServing, startWorking } from "./serve.ts";
import { openStation } from "./station.ts";
import { syncOnSave } from "./watch.ts";

/** The commands that run in this very process. */
export function createStarters(env: Environment): Starters {
  const serve: Starters["serve"] = async ({ host, port, signal }) => {
    const { config, log } = configured(withListener(env, host, port), "api");
    const stopped = AbortSignal.any([signal, untilStopped(log, config.drainTimeoutMs)]);
    const serving = await startServing(config, log, stopped);
    await aborted(stopped);
    await serving.close();
  };
  return {
    serve,
    async dev({ host, port, signal }) {
      const { config, log } = configured(withListener(env, host, port), "api");
      const stopped = AbortSignal.any([signal, untilStopped(log, config.drainTimeoutMs)]);
      const serving = await startServing(config, log, stopped);
      const stopWatching = await syncOnSave(serving.station, config.environmentsDir);
      await aborted(stopped);
      await stopWatching();
      await serving.close();
    },
    async worker({ signal }) {
      const { config, log } = configured(env, "worker");
      const stopped = AbortSignal.any([signal, untilStopped(log, config.drainTimeoutMs)]);
      const working = await startWorking(config, log, stopped);
      await aborted(stopped);
      await working.close();
    },
    async migrate() {
      const { config, log } = configured(env, "migrate");
      return migrate(config, log);
    },
    async doctor() {
      const { config, log } = configured(env, "migrate");
      return examine(config, log);
    },
  };
}

async function examine(config: Config, log: Parameters<typeof openStation>[1]): Promise<readonly Finding[]> {
  const station = await openStation(config, log);
  const { ports } = station;
  try {
    const queue = await ports.queue.ping().then(
      () => ({ check: "queue reachable", ok: true, detail: config.queue.kind }),
      (error: unknown) => ({ check: "queue reachable", ok: false, detail: String(error) }),
    );
    const store = { check: "database reachable", ok: true, detail: config.database.kind };
    return [store, queue, ...(await ports.store.queries.doctor(ports.clock.now()))];
  } finally {
    await station.close();
  }
}

function withListener(env: Environment, host: string | undefined, port: number | undefined): Environment {
  return {
    ...env,
    ...(host === undefined ? {} : { HOST: host }),
    ...(port === undefined ? {} : { PORT: String(port) }),
  };
}

/** Where workflow files are, also when the rest of the configuration is wrong. */
export function environmentsDirOf(env: Environment): string {
  const loaded = loadConfig(env);
  return loaded.ok ? loaded.config.environmentsDir : (env["STATION_ENVIRONMENTS_DIR"] ?? "environments");
}
