import { setTimeout as delay } from "node:timers/promises";
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/transport-node";
import type { Log } from "../../engine/ports.ts";
import { type Names, WORKERS } from "./names.ts";
import { repairWorkQueue } from "./repair.ts";

/** How the streams are to be. */
export type TopologyOptions = {
  readonly names: Names;
  readonly replicas: number;
  readonly eventsMaxAgeMs: number;
  readonly eventsMaxBytes: number;
  readonly ackWaitMs: number;
};

/** What was found on the server, to tell the same task stream from another one of its name. */
export type Found = {
  /** It was missing, and was made just now. */
  readonly created: boolean;
  readonly createdAt: string;
  readonly lastSeq: number;
  readonly streams: readonly StreamConfig[];
};

/**
 * Creates what is missing and reads back what is there; only what nats-server 2.9 knows. `seenBefore` when the
 * streams are known to have existed.
 */
export async function ensureTopology(
  manager: JetStreamManager,
  options: TopologyOptions,
  seenBefore: boolean,
  log: Log,
): Promise<Found> {
  const { names } = options;
  const settings = { replicas: options.replicas, seenBefore, log };
  const tasks = await ensureStream(manager, settings, {
    name: names.tasks,
    subjects: [names.taskSubjects],
    retention: RetentionPolicy.Workqueue,
    // Should somebody limit the stream: refuse what is new, never drop what was promised.
    discard: DiscardPolicy.New,
    max_age: 0,
    max_bytes: -1,
  });
  const events = await ensureStream(manager, settings, {
    name: names.events,
    subjects: [names.eventSubjects],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: nanos(options.eventsMaxAgeMs),
    max_bytes: options.eventsMaxBytes,
  });
  await ensureWorkers(manager, options, log);
  if (await repairWorkQueue(manager, names.tasks, log)) await ensureWorkers(manager, options, log);
  return {
    created: tasks.created,
    createdAt: String(tasks.info.created),
    lastSeq: tasks.info.state.last_seq,
    streams: [tasks.info.config, events.info.config],
  };
}

async function ensureStream(
  manager: JetStreamManager,
  { replicas, seenBefore, log }: { replicas: number; seenBefore: boolean; log: Log },
  shape: Pick<StreamConfig, "name" | "subjects" | "retention" | "discard" | "max_age" | "max_bytes">,
): Promise<{ readonly info: StreamInfo; readonly created: boolean }> {
  const existing = await unlessMissing(manager.streams.info(shape.name));
  if (existing === null) {
    if (seenBefore) await delay(DELETION_MS);
    const wanted = { ...shape, storage: StorageType.File, num_replicas: replicas, duplicate_window: dedupe };
    const info = await manager.streams.add(wanted);
    warnOfDifferences(info.config, shape, log);
    return { info, created: true };
  }
  warnOfDifferences(existing.config, shape, log);
  if (existing.config.num_replicas >= replicas) return { info: existing, created: false };
  const info = await manager.streams.update(shape.name, { num_replicas: replicas });
  return { info, created: false };
}

/** Of an existing consumer only what is too small is changed: other workers may have been told more. */
async function ensureWorkers(manager: JetStreamManager, options: TopologyOptions, log: Log): Promise<void> {
  const { tasks } = options.names;
  const ackWait = nanos(options.ackWaitMs);
  const existing: ConsumerInfo | null = await unlessMissing(manager.consumers.info(tasks, WORKERS));
  if (existing === null) {
    log.info("queue consumer created", { stream: tasks, consumer: WORKERS });
    await manager.consumers.add(tasks, {
      durable_name: WORKERS,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: ackWait,
      // A message given up by JetStream would stay in a work queue for ever, undelivered.
      max_deliver: -1,
      max_ack_pending: maxAckPending,
      max_waiting: 2_048,
    });
    return;
  }
  const change: Partial<ConsumerConfig> = {
    ...((existing.config.ack_wait ?? 0) < ackWait ? { ack_wait: ackWait } : {}),
    ...((existing.config.max_ack_pending ?? 0) < maxAckPending ? { max_ack_pending: maxAckPending } : {}),
  };
  if (Object.keys(change).length > 0) await manager.consumers.update(tasks, WORKERS, change);
}

/** Above what all workers together hold; each asks only for what it has room for. */
const maxAckPending = 20_000;
const dedupe = nanos(2 * 60_000);
/** nats-server 2.9 removes a deleted stream's directory late, and with it what was made anew meanwhile. */
const DELETION_MS = 500;

function warnOfDifferences(found: StreamConfig, wanted: Partial<StreamConfig>, log: Log): void {
  for (const field of ["retention", "subjects", "storage", "max_age", "max_bytes"] as const) {
    const should = field === "storage" ? StorageType.File : wanted[field];
    if (JSON.stringify(found[field]) === JSON.stringify(should)) continue;
    log.warn("queue stream differs from what was asked for", {
      stream: found.name,
      field,
      found: found[field],
      wanted: should,
    });
  }
}

/** `null` for a stream or consumer that is not there. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    const missing: readonly number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound];
    if (error instanceof JetStreamApiError && missing.includes(error.code)) return null;
    throw error;
  }
}
