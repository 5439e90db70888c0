import type { Retention } from "../core/retention/policy.ts";
import { keepCheckpoints, type Notary } from "./checkpoint.ts";
import { heedEnds, keepBeating, newPulse, sayAlive } from "./heartbeat.ts";
import { notify } from "./notify/notifier.ts";
import { sendNotifications } from "./notify/sender.ts";
import type { ArchiveFiles } from "./ports/archives.ts";
import type { Ports } from "./ports.ts";
import { publishEvents } from "./publish-events.ts";
import { reconcile } from "./reconcile.ts";
import { startRelay } from "./relay.ts";
import { retain } from "./retention.ts";
import { sealEvents } from "./seal-events.ts";
import { finishDeliveries } from "./webhook/finish-deliveries.ts";
import { createWorker } from "./worker.ts";

export type EngineOptions = {
  /** Unique per process and start. */
  readonly id: string;
  /** 0: this process executes nothing (an API container). */
  readonly concurrency: number;
  /** A worker that has not reported for so long is dead: its steps go to others. */
  readonly leaseMs: number;
  /** How long an alarm that was handed to the queue is left alone before it is sent again. */
  readonly hideMs: number;
  /** The database belongs to this process alone: whoever held a lease before is gone. */
  readonly isAlone: boolean;
  /** Publish every event to the queue's event stream. */
  readonly publishesEvents: boolean;
  readonly checkpoints: Notary & { readonly everyMs: number };
  /** What becomes of finished runs, and where they go. */
  readonly keeping: { readonly retention: Retention; readonly archiveFiles: ArchiveFiles };
};

/** How often finished runs are looked through. */
const RETENTION_MS = 60_000;
/** A file may take a while to write. */
const RETENTION_LEASE_MS = 30_000;
const ARCHIVE = { runs: 500, events: 20_000 };

/** How long a role stays with a process that died. */
const ROLE_LEASE_MS = 5000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export type Engine = {
  /** How many tasks this process takes at once. */
  readonly concurrency: number;
  /** How many steps are in its hands. */
  inHand(): number;
  /** Takes no new task, finishes what is in hand, gives its leases back. */
  stop(): Promise<void>;
};

/** Starts everything that keeps runs going in this process: worker, heartbeat, relay, reconciler, sealer, notary. */
export async function startEngine(ports: Ports, options: EngineOptions): Promise<Engine> {
  const { id, leaseMs } = options;
  const consuming = new AbortController();
  const keeping = new AbortController();
  const pulse = newPulse();
  const worker = createWorker(ports, { id, maxInlineSteps: 64, maxInlineMs: 5000, sleep }, () => pulse.count);
  if (options.isAlone) {
    await ports.store.leases.forgetOthers(id);
    await ports.store.outbox.resend(ports.clock.now());
  }
  ports.queue.appear(id);
  await sayAlive(ports, id, leaseMs);

  const relay = startRelay(ports, { pollMs: 200, batch: 256, hideMs: options.hideMs }, keeping.signal);
  const tasks = [
    relay.done,
    reconcile(ports, { orphansEveryMs: 200, strandedEveryMs: 30_000 }, () => relay.nudge(), keeping.signal),
    sealEvents(ports, id, { everyMs: 500, leaseMs: ROLE_LEASE_MS, batch: 2000 }, keeping.signal),
    keepCheckpoints(
      ports,
      options.checkpoints,
      id,
      { everyMs: options.checkpoints.everyMs, leaseMs: ROLE_LEASE_MS, batch: 10_000 },
      keeping.signal,
    ),
    finishDeliveries(ports, { everyMs: 10_000, deadAfterMs: 60_000 }, keeping.signal),
  ];
  const { retention, archiveFiles } = options.keeping;
  if (options.concurrency > 0)
    tasks.push(
      retain(
        { ...ports, archiveFiles },
        id,
        { retention, everyMs: RETENTION_MS, leaseMs: RETENTION_LEASE_MS, batch: ARCHIVE },
        keeping.signal,
      ),
    );
  if (options.publishesEvents)
    tasks.push(
      publishEvents(ports, id, { everyMs: 100, leaseMs: ROLE_LEASE_MS, batch: 500 }, keeping.signal),
    );
  if (ports.reach && options.concurrency > 0) {
    const telling = { ...ports, reach: ports.reach };
    tasks.push(
      notify(telling, id, { everyMs: 500, leaseMs: ROLE_LEASE_MS, batch: 200 }, keeping.signal),
      sendNotifications(
        telling,
        { holder: id, everyMs: 500, concurrency: 16, leaseMs: 60_000 },
        keeping.signal,
      ),
    );
  }
  const beating = new AbortController();
  const heart = keepBeating(ports, worker, pulse, leaseMs, beating.signal);
  const stopHeeding = options.concurrency > 0 ? heedEnds(ports, worker) : () => {};
  const consumer =
    options.concurrency > 0
      ? ports.queue.consume((message) => handle(message), {
          concurrency: options.concurrency,
          signal: consuming.signal,
        })
      : Promise.resolve();

  async function handle(message: Parameters<typeof worker.handle>[0]): Promise<void> {
    try {
      await worker.handle(message);
    } catch (error) {
      ports.log.warn("task not done", {
        run_id: message.runId,
        target: message.target,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      throw error;
    }
  }

  return {
    concurrency: options.concurrency,
    inHand: () => worker.executing.size,
    async stop() {
      consuming.abort();
      await consumer;
      stopHeeding();
      keeping.abort();
      beating.abort();
      await Promise.all([...tasks, heart]);
      await ports.store.leases.release(id).catch((error: unknown) => {
        ports.log.warn("lease not given back", { error: String(error) });
      });
    },
  };
}
