import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient } from "../../src/http/client.ts";
import type { Collector } from "../support/collector.ts";
import { freePort } from "../support/server-process.ts";
import { type NatsServer, type SqldServer, startNats, startSqld } from "../support/servers.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import type { Faults } from "./faults/faults.ts";
import { Supervised } from "./supervised.ts";
import { writeEnvironments } from "./workload.ts";

/** The shapes Station is deployed in. */
export const MODES = ["file", "file-nats", "sqld"] as const;
export type Mode = (typeof MODES)[number];

/** A process and everything that can go wrong around it; `null` where there is nothing of the kind. */
export type Member = {
  readonly process: Supervised;
  readonly faults: Faults | null;
  readonly toNats: TcpProxy | null;
  readonly toSqld: TcpProxy | null;
};

/** Real processes of Station and the real servers they share. */
export type Deployment = {
  readonly baseUrl: string;
  /** Where each process tells its metrics. */
  readonly metricsUrls: readonly string[];
  /** Somebody who calls with this key; `heard` is told every answer. */
  clientWith(apiKey: string, heard?: (answer: string) => void): Client;
  readonly processes: readonly Supervised[];
  readonly members: readonly Member[];
  readonly collector: Collector | null;
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

const REQUEST_MS = 15_000;

/** What a deployment is made of besides its servers. */
export type Making = {
  /** The folder of the programs. */
  readonly programs: string;
  /** The programs of an older version, and which processes run them. */
  readonly older?: { readonly programs: string; readonly names: readonly string[] } | null;
  /** More of every process's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Who can spoil a process's clock and disk. */
  readonly faultsOf?: ((name: string) => Faults) | null;
  /** Who takes the traces. */
  readonly collector?: Collector;
};

/** Starts a deployment in `directory`; its processes may not be ready yet. Each has its own ways to the servers. */
export async function deploy(
  mode: Mode,
  directory: string,
  { programs, older = null, env: more, faultsOf = null, collector }: Making,
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
    // Whoever examines a quick machine asks more than a person's key may.
    STATION_RATE_LIMIT: "1000000",
    ...more,
    ...(collector && { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }),
  };
  const metricsUrls: string[] = [];
  const member = async (name: string, program: "api" | "worker", protocol: string): Promise<Member> => {
    const faults = faultsOf?.(name) ?? null;
    const toNats = nats && (await startProxy([nats.port]));
    const toSqld = sqld && (await startProxy([sqld.port]));
    const adminPort = await freePort();
    metricsUrls.push(`http://127.0.0.1:${adminPort}/metrics`);
    const process = new Supervised({
      name,
      path: join(older?.names.includes(name) ? older.programs : programs, `${program}.mjs`),
      directory,
      env: {
        ...env,
        ...faults?.env,
        ...{ STATION_ADMIN_PORT: String(adminPort), STATION_ADMIN_HOST: "127.0.0.1" },
        ...(toNats && { STATION_NATS_URL: `nats://127.0.0.1:${toNats.port}` }),
        ...(toSqld && { STATION_DATABASE_URL: `${protocol}://127.0.0.1:${toSqld.port}` }),
      },
    });
    return { process, faults, toNats, toSqld };
  };
  const members = [await member("api", "api", "ws")];
  if (sqld)
    members.push(await member("worker-1", "worker", "ws"), await member("worker-2", "worker", "http"));
  const processes = members.map(({ process }) => process);
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
    members,
    collector: collector ?? null,
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
      await Promise.all(members.flatMap(({ toNats, toSqld }) => [toNats?.close(), toSqld?.close()]));
      await nats?.remove();
      await sqld?.remove();
    },
  };
}
