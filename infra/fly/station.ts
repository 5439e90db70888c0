import { drainTimeoutMs, ENTRY, IMAGE, PATHS, PORTS } from "../shared/runtime-contract.ts";
import type { FlyConfig } from "./schema.ts";

/** Between SIGTERM and SIGKILL: what an agent's step may take to be finished rather than done again. */
export const KILL_SECONDS = 120;

/** What `fly secrets set` holds, for each app: the worker's has nothing that is the API's alone. */
export const SECRETS = {
  api: ["STATION_DATABASE_AUTH_TOKEN", "STATION_API_TOKEN", "STATION_NATS_PASSWORD"],
  worker: ["STATION_DATABASE_AUTH_TOKEN", "STATION_NATS_PASSWORD"],
} as const;

const check = {
  grace_period: "30s",
  interval: "10s",
  timeout: "5s",
  method: "GET",
  path: PATHS.ready,
} as const;

/** What API and worker have in common. */
const program = {
  primary_region: "fra",
  kill_signal: "SIGTERM",
  kill_timeout: KILL_SECONDS,
  env: {
    STATION_DATABASE_URL: "libsql://station-example.turso.io",
    STATION_NATS_URL: "nats://station-nats.internal:4222",
    STATION_NATS_USER: "station",
    STATION_NATS_REPLICAS: "3",
    STATION_DRAIN_TIMEOUT_MS: String(drainTimeoutMs(KILL_SECONDS)),
    STATION_ENVIRONMENTS_DIR: IMAGE.environments,
  },
} as const;

/** The API. Its release moves the tables, so it goes before the workers'. */
export const station: FlyConfig = {
  ...program,
  app: "station",
  build: { dockerfile: "../Dockerfile", "build-target": "api" },
  // What the image's entry point, node, is given.
  deploy: { strategy: "rolling", release_command: ENTRY.migrate },
  processes: { api: ENTRY.api },
  http_service: {
    internal_port: PORTS.http,
    force_https: true,
    auto_stop_machines: "off",
    auto_start_machines: true,
    min_machines_running: 2,
    processes: ["api"],
    concurrency: { type: "connections", soft_limit: 200, hard_limit: 1000 },
    checks: [check],
  },
  metrics: [{ port: PORTS.admin, path: PATHS.metrics, processes: ["api"] }],
  restart: [{ policy: "always", processes: ["api"] }],
  vm: [{ size: "shared-cpu-1x", memory: "512mb", processes: ["api"] }],
};

/** The workers, an app of their own: what scales them counts an app's Machines, and they read only their own secrets. */
export const worker: FlyConfig = {
  ...program,
  app: "station-worker",
  build: { dockerfile: "../Dockerfile", "build-target": "worker" },
  deploy: { strategy: "rolling" },
  processes: { worker: ENTRY.worker },
  checks: { worker_health: { ...check, type: "http", port: PORTS.admin, processes: ["worker"] } },
  metrics: [{ port: PORTS.admin, path: PATHS.metrics, processes: ["worker"] }],
  restart: [{ policy: "always", processes: ["worker"] }],
  vm: [{ size: "shared-cpu-2x", memory: "1gb", processes: ["worker"] }],
};
