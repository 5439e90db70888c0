import type { Metrics } from "../adapters/metrics/metrics.ts";
import { createAdminApp } from "../http/admin.ts";
import type { HealthPorts } from "../http/ports.ts";
import { type Served, serveHttp } from "../http/serve.ts";
import { systemClock } from "./clock.ts";
import type { Listener } from "./config.ts";

/** The port that the platform asks, open for as long as the process lives. */
export type Admin = {
  /** `null` when there is none. */
  readonly url: string | null;
  /** From now on these are asked whether the process can work. */
  watch(ports: Pick<HealthPorts, "store" | "queue">): void;
  /** From now on the process is not ready, whatever it can reach. */
  stopping(): void;
  close(): Promise<void>;
};

/** Opens it before anything else is connected: alive at once, ready when `watch` has something that is. */
export async function openAdmin(
  listener: Listener | null,
  metrics: Pick<Metrics, "text"> | null,
): Promise<Admin> {
  let [store, queue] = [unready("starting"), unready("starting")];
  const app = createAdminApp({
    clock: systemClock,
    store: { ping: () => store.ping() },
    queue: { ping: () => queue.ping() },
    ...(metrics && { metrics: () => metrics.text() }),
  });
  const served: Served | null = listener && (await serveHttp({ app, ...listener }));
  return {
    url: served?.url ?? null,
    watch: (ports) => {
      ({ store, queue } = ports);
    },
    stopping: () => {
      [store, queue] = [unready("stopping"), unready("stopping")];
    },
    close: async () => served?.close(),
  };
}

function unready(reason: string): HealthPorts["store"] {
  return { ping: () => Promise.reject(new Error(`the process is ${reason}`)) };
}
