import { resolve } from "node:path";
import type { Metrics } from "../adapters/metrics/metrics.ts";
import { createKeyRing, type KeyRing } from "../engine/key-ring.ts";
import type { Log } from "../engine/ports.ts";
import { type App, createApp } from "../http/app.ts";
import { type Served, serveHttp } from "../http/serve.ts";
import { admissionOf } from "./admission.ts";
import type { Config } from "./config.ts";
import { installationOf } from "./installation.ts";
import type { Station } from "./station.ts";
import { openUi } from "./ui.ts";
import { version } from "./version.ts";

/** The port, and the app behind it. */
export type Door = {
  /** Another app on the same port, once the database is there. */
  open(ports: Station["ports"]): Promise<void>;
  url(): string;
  close(): Promise<void>;
};

/** Prepares the port as configured; throws when a secret cannot be read. */
export async function createDoor(
  config: Config,
  log: Log,
  metrics: Metrics | null,
  isWatching: boolean,
): Promise<Door> {
  const { http, corsOrigins, rateLimit } = config;
  const admit = await admissionOf(config);
  const installation = installationOf(config);
  const ui = config.ui ? openUi(log) : null;
  let app: App | null = null;
  let served: Served | null = null;
  let keyRing: KeyRing | null = null;
  return {
    async open(ports) {
      await keyRing?.close();
      keyRing = createKeyRing(ports);
      app = createApp(
        {
          ...ports,
          keyRing,
          installation,
          ...(ports.reach?.links && { links: ports.reach.links }),
          ...admit(ports, keyRing),
        },
        {
          version,
          ...(isWatching && { watched: resolve(config.environmentsDir) }),
          ...(config.traceUrl !== null && { traceUrl: config.traceUrl }),
          corsOrigins,
          rateLimit,
          ...(ui && { ui }),
          ...(config.mcp && { mcp: { version } }),
          ...(metrics && { meter: metrics }),
        },
      );
      const current: Pick<App, "fetch"> = { fetch: (...request) => (app as App).fetch(...request) };
      served ??= await serveHttp({ app: current, ...http });
    },
    url: () => served?.url ?? "",
    async close() {
      await ui?.close();
      await served?.close();
      await keyRing?.close();
    },
  };
}
