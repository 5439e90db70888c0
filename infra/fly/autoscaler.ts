import type { FlyConfig } from "./schema.ts";
import { station, worker } from "./station.ts";

/** Workers there are at least and at most, and how many tasks, waiting or in hand, one of them is kept for. */
export const SCALE = { min: 2, max: 20, tasksPerWorker: 32 } as const;

/** What `fly secrets set` holds: a token that may change the workers' app, and one that may read figures. */
export const AUTOSCALER_SECRETS = ["FAS_API_TOKEN", "FAS_PROMETHEUS_TOKEN"] as const;

const { min, max, tasksPerWorker } = SCALE;

/** Fly's own autoscaler on one Machine: Machines of the workers' app are started and stopped as the backlog asks for. */
export const autoscaler: FlyConfig = {
  app: "station-autoscaler",
  primary_region: worker.primary_region,
  kill_signal: "SIGTERM",
  kill_timeout: 10,
  build: { image: "flyio/fly-autoscaler:0.3.1" },
  // Two of them would fight.
  deploy: { strategy: "immediate" },
  env: {
    FAS_APP_NAME: worker.app,
    FAS_PROMETHEUS_ADDRESS: "https://api.fly.io/prometheus/example-org",
    FAS_PROMETHEUS_METRIC_NAME: "backlog",
    // Every API tells the same figure. What a worker holds is not pending any more, and still needs it.
    FAS_PROMETHEUS_QUERY: `max(station_tasks_waiting{app="${station.app}"} + station_consumer_ack_pending{app="${station.app}"})`,
    // Started ones, not created ones: it kills what it destroys, and lets what it stops drain.
    FAS_STARTED_MACHINE_COUNT: `min(${max}, max(${min}, ceil(backlog / ${tasksPerWorker})))`,
  },
  metrics: [{ port: 9090, path: "/metrics" }],
  restart: [{ policy: "always" }],
  vm: [{ size: "shared-cpu-1x", memory: "256mb" }],
};
