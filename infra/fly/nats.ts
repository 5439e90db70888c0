import type { FlyConfig } from "./schema.ts";

/** What `fly secrets set` holds: the password that Station and the nodes among themselves have. */
export const NATS_SECRETS = ["NATS_PASSWORD"] as const;

const SERVER = "nats-server -c /etc/nats/fly.conf --name $FLY_MACHINE_ID";
const ROUTES = "--routes nats://station:$NATS_PASSWORD@station-nats.internal:6222";

/** JetStream as an app of its own: three Machines, a volume each, reached by Station over the private network only. */
export const nats: FlyConfig = {
  app: "station-nats",
  primary_region: "fra",
  // What makes a node hand over what it leads before it goes.
  kill_signal: "SIGUSR2",
  kill_timeout: 120,
  build: { image: "nats:2.15.1-alpine" },
  // Never two nodes away at once: a stream of three copies needs two.
  deploy: { strategy: "rolling", max_unavailable: 1 },
  env: {},
  // The server's name is its Machine's, which Fly puts into the environment.
  processes: { app: `sh -c 'exec ${SERVER} ${ROUTES}'` },
  files: [{ guest_path: "/etc/nats/fly.conf", local_path: "../nats/fly.conf" }],
  mounts: [{ source: "nats", destination: "/data", initial_size: "10gb" }],
  checks: {
    nats_health: {
      type: "http",
      port: 8222,
      grace_period: "30s",
      interval: "10s",
      timeout: "5s",
      method: "GET",
      path: "/healthz?js-enabled-only=true",
    },
  },
  restart: [{ policy: "always" }],
  vm: [{ size: "shared-cpu-1x", memory: "512mb" }],
};
