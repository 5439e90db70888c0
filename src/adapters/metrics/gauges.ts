import { Gauge, type Registry } from "prom-client";
import type { StoreFigures } from "../../engine/ports/queries.ts";
import type { Backlog } from "../../engine/ports/queue.ts";

/** Where the figures of the moment come from. Each may reject: then its gauges are `NaN` this time. */
export type Sources = {
  readonly store: () => Promise<StoreFigures>;
  readonly backlog: () => Promise<Backlog>;
  /** Steps in this process's hands, and how many it would take. */
  readonly worker: () => { readonly inFlight: number; readonly capacity: number };
  /** Bytes of the write-ahead log; `null` where the database is elsewhere. */
  readonly walBytes: () => Promise<number | null>;
};

/**
 * Gauges of the moment, set anew whenever what this answers is called. Every process tells the same of what is shared:
 * aggregate that by `max`.
 */
export function collectWhenAsked(registry: Registry, sources: Sources): () => Promise<void> {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const runs = gauge("station_runs_open", "Runs that have not ended, by status", ["status"]);
  const approvals = gauge("station_approvals_open", "Approvals that wait for somebody");
  const outbox = gauge("station_outbox_alarms", "Alarms in the outbox, due or not");
  const tasks = gauge("station_tasks_waiting", "Tasks that no worker has begun, each once");
  const oldest = gauge(
    "station_oldest_pending_seconds",
    "How long the most overdue alarm of the outbox has not been handed to the queue",
  );
  const overdue = gauge(
    "station_schedules_overdue_seconds",
    "How long the most overdue schedule has waited to be looked at",
  );
  const unsealed = gauge("station_unsealed_events", "Events that the hash chain has not reached yet");
  const size = gauge("station_database_bytes", "Size of the database without its write-ahead log");
  const told = gauge("station_notifications_pending", "Notifications on their way");
  const oldestTold = gauge(
    "station_notifications_oldest_seconds",
    "How long the oldest notification has been on its way",
  );
  const dead = gauge("station_notifications_dead", "Notifications that were given up");
  const wal = gauge("station_wal_bytes", "Size of the write-ahead log of a database file");
  const pending = gauge("station_consumer_pending", "Messages in the queue that no worker has taken");
  const untaken = gauge(
    "station_consumer_oldest_seconds",
    "How long the oldest task in the queue that no worker has taken has waited",
  );
  const unacknowledged = gauge("station_consumer_ack_pending", "Tasks in workers' hands");
  const redelivered = gauge("station_consumer_redelivered", "Tasks in workers' hands for another time");
  const inFlight = gauge("station_worker_inflight", "Steps that this process executes");
  const capacity = gauge("station_worker_capacity", "Tasks that this process takes at once");

  return async () => {
    const [figures, backlog, walBytes] = await Promise.allSettled([
      sources.store(),
      sources.backlog(),
      sources.walBytes(),
    ]);
    const {
      openRuns,
      openApprovals,
      alarms,
      waiting,
      oldestDueMs,
      schedulesOverdueMs,
      unsealedEvents,
      bytes,
      notifications,
    } = settledValue(figures) ?? UNKNOWN;
    runs.reset();
    for (const [status, count] of Object.entries(openRuns)) runs.set({ status }, count);
    approvals.set(openApprovals);
    outbox.set(alarms);
    tasks.set(waiting);
    oldest.set(oldestDueMs / 1000);
    overdue.set(schedulesOverdueMs / 1000);
    unsealed.set(unsealedEvents);
    size.set(bytes);
    told.set(notifications.pending);
    oldestTold.set(notifications.oldestMs / 1000);
    dead.set(notifications.dead);
    const inQueue = settledValue(backlog) ?? NOTHING_KNOWN;
    pending.set(inQueue.pending);
    untaken.set(inQueue.oldestMs === null ? NaN : inQueue.oldestMs / 1000);
    unacknowledged.set(inQueue.inHand);
    redelivered.set(inQueue.redelivered);
    wal.set(settledValue(walBytes) ?? NaN);
    const worker = sources.worker();
    inFlight.set(worker.inFlight);
    capacity.set(worker.capacity);
  };
}

const NOTHING_KNOWN: Backlog = { pending: NaN, oldestMs: NaN, inHand: NaN, redelivered: NaN };

const UNKNOWN: StoreFigures = {
  openRuns: {},
  openApprovals: NaN,
  alarms: NaN,
  waiting: NaN,
  oldestDueMs: NaN,
  schedulesOverdueMs: NaN,
  unsealedEvents: NaN,
  processes: NaN,
  workers: NaN,
  bytes: NaN,
  notifications: { pending: NaN, oldestMs: NaN, dead: NaN },
};

function settledValue<T>(settled: PromiseSettledResult<T>): T | null {
  return settled.status === "fulfilled" ? settled.value : null;
}
