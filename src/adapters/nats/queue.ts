import { setTimeout as delay } from "node:timers/promises";
import type { TaskQueue } from "../../engine/ports/queue.ts";
import { Announcer } from "./announce.ts";
import { backlogOf } from "./backlog.ts";
import { Consumer } from "./consume.ts";
import { examineTopology } from "./examine.ts";
import { Link } from "./link.ts";
import { namesUnder } from "./names.ts";
import type { NatsQueueOptions } from "./options.ts";
import { Presence } from "./presence.ts";
import { Progress } from "./progress.ts";
import { publishAll } from "./publish.ts";
import { encodeEvents, encodeTask } from "./wire.ts";

/** What a server takes as one message unless it says otherwise, and what headers and subject need of it. */
const DEFAULT_MAX_PAYLOAD = 1_048_576;
const ENVELOPE_BYTES = 1_024;

/**
 * The task queue on JetStream. Resolves also while the server is away: it goes on trying, and `ping()` tells.
 * Rejects only when the options make no sense. Abort what consumes before `close()`.
 */
export async function createNatsQueue(options: NatsQueueOptions): Promise<TaskQueue> {
  const { log, ackWaitMs = 30_000, retryDelayMs = 1_000 } = options;
  const names = namesUnder(options.namePrefix);
  const link = new Link(options, {
    names,
    replicas: options.replicas ?? 1,
    eventsMaxAgeMs: options.eventsMaxAgeMs ?? 7 * 24 * 3_600_000,
    eventsMaxBytes: options.eventsMaxBytes ?? 1_073_741_824,
    ackWaitMs,
  });
  const announcer = new Announcer(link, names.announce, log);
  const presence = new Presence(link, names);
  const progress = new Progress(link, names.progress, log);
  const closing = new AbortController();
  const consumers = new Set<Promise<void>>();
  await link.started();

  return {
    publish: (messages) =>
      publishAll(
        link,
        messages.map((message) => encodeTask(message, names)),
        (ack) => link.sawSeq(ack.seq),
      ),
    consume: (handle, { concurrency, signal }) => {
      const ending = AbortSignal.any([signal, closing.signal]);
      const settings = { stream: names.tasks, concurrency, signal: ending, ackWaitMs, retryDelayMs, log };
      const running = new Consumer(link, handle, settings).run();
      consumers.add(running);
      return running.finally(() => consumers.delete(running));
    },
    onLost: (listener) => link.onLost(listener),
    announce: (runIds, ended) => announcer.announce(runIds, ended),
    onAnnounced: (listener) => announcer.onAnnounced(listener),
    tell: (told) => progress.tell(told),
    onTold: (listener) => progress.onTold(listener),
    appear: (holder) => presence.appear(holder),
    isVisible: () => presence.isVisible,
    isGone: (holder) => presence.isGone(holder),
    publishEvents: (events) => {
      const limit = (link.connection?.info?.max_payload ?? DEFAULT_MAX_PAYLOAD) - ENVELOPE_BYTES;
      return publishAll(link, encodeEvents(events, names, limit));
    },
    backlog: async () => {
      const { client } = await link.ready(500);
      try {
        return await backlogOf(await client.jetstreamManager(false), names);
      } catch (cause) {
        throw link.unavailable(cause);
      }
    },
    examine: async () => {
      const { client } = await link.ready(2_000);
      try {
        return await examineTopology(await client.jetstreamManager(false), names);
      } catch (cause) {
        throw link.unavailable(cause);
      }
    },
    ping: async () => {
      const { connection } = await link.ready(500);
      const { promise: silence, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error("no answer within 2 s")), 2_000);
      try {
        await Promise.race([connection.flush(), silence]);
      } catch (cause) {
        throw link.unavailable(cause);
      } finally {
        clearTimeout(timer);
      }
    },
    close: async () => {
      closing.abort();
      announcer.close();
      progress.close();
      // What is quickly done may still be acknowledged; the rest is delivered again.
      await Promise.race([Promise.allSettled(consumers), delay(1_000, undefined, { ref: false })]);
      await link.close();
    },
  };
}
