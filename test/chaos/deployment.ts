import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient } from "../../src/http/client.ts";
import { freePort } from "../support/server-process.ts";
import { type NatsServer, type SqldServer, startNats, startSqld } from "../support/servers.ts";
import { Supervised } from "./supervised.ts";
import { writeEnvironments } from "./workload.ts";

/** The shapes Station is deployed in. */
export const MODES = ["file", "file-nats", "sqld"] as const;
export type Mode = (typeof MODES)[number];

/** Real processes of Station and the real servers they share. */
export type Deployment = {
  readonly baseUrl: string;
  /** Where each process tells its metrics. */
  readonly metricsUrls: readonly string[];
  /** Somebody who calls with this key; `heard` is told every answer. */
  clientWith(apiKey: string, heard?: (answer: string) => void): Client;
  readonly processes: readonly Supervised[];
  readonly nats: NatsServer | null;
  readonly sqld: SqldServer | null;
  /** What `createStore` opens, once the processes are stopped. */
  readonly databaseUrl: string;
  readonly directory: string;
  /** Waits until every process says that it is ready; false after `ms`. */
  ready(ms: number): Promise<boolean>;
  /** Ends the processes in good order; false when one had to be killed. The servers stay. */
  stop(): Promise<boolean>;
  /** Keeps what the servers stored, for whoever looks into a failure. */
  keep(): Promise<void>;
  remove(): Promise<void>;
};

const REQUEST_MS = 5000;

/** Starts a deployment in `directory`; its processes may not be ready yet. */
export async function deploy(
  mode: Mode,
  directory: string,
  more: Readonly<Record<string, string>>,
): Promise<Deployment> {
  await mkdir(directory, { recursive: true });
  await writeEnvironments(join(directory, "environments"));
  const nats = mode === "file" ? null : await startNats();
  const sqld = mode === "sqld" ? await startSqld() : null;
  const port = await freePort();
  const env = {
    PORT: String(port),
    HOST: "127.0.0.1",
    STATION_DATA_DIR: join(directory, "data"),
    STATION_ENVIRONMENTS_DIR: join(directory, "environments"),
    STATION_LOG_FORMAT: "json",
    STATION_DRAIN_TIMEOUT_MS: "8000",
    ...more,
    ...(nats ? { STATION_NATS_URL: nats.url } : {}),
  };
  const over = (protocol: string) =>
    sqld ? { STATION_DATABASE_URL: sqld.url.replace(/^http/, protocol) } : {};
  const metricsUrls: string[] = [];
  const supervised = async (name: string, file: "api.ts" | "worker.ts", protocol: string) => {
    const adminPort = await freePort();
    metricsUrls.push(`http://127.0.0.1:${adminPort}/metrics`);
    const own = { STATION_ADMIN_PORT: String(adminPort), STATION_ADMIN_HOST: "127.0.0.1" };
    return new Supervised({ name, file, directory, env: { ...env, ...own, ...over(protocol) } });
  };
  const processes = [await supervised("api", "api.ts", "ws")];
  if (sqld)
    processes.push(
      await supervised("worker-1", "worker.ts", "ws"),
      await supervised("worker-2", "worker.ts", "http"),
    );
  for (const process of processes) process.start();
  const baseUrl = `http://127.0.0.1:${port}`;
  return {
    baseUrl,
    metricsUrls,
    clientWith: (apiKey, heard) =>
      createClient({
        baseUrl,
        apiKey,
        async fetch(request) {
          const response = await fetch(request, { signal: AbortSignal.timeout(REQUEST_MS) });
          if (!heard) return response;
          const text = await response.clone().text();
          heard(text);
          return response;
        },
      }),
    processes,
    nats,
    sqld,
    databaseUrl: sqld ? sqld.url : `file:${join(directory, "data", "station.db")}`,
    directory,
    async ready(ms) {
      const answers = await Promise.all(processes.map((process) => process.ready(ms)));
      return answers.every(Boolean);
    },
    async stop() {
      const answers = await Promise.all(processes.map((process) => process.stop()));
      return answers.every(Boolean);
    },
    async keep() {
      for (const [name, server] of Object.entries({ nats, sqld }))
        if (server) await cp(server.directory, join(directory, name), { recursive: true });
    },
    async remove() {
      await Promise.all(processes.map((process) => process.stop()));
      await nats?.remove();
      await sqld?.remove();
    },
  };
}
