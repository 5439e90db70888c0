import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";

/** Carries a run's one message from whoever starts it to whoever runs it. */
export type HandOff = {
  send(runId: string): Promise<void>;
  close(): Promise<void>;
};

/** The message is a function call. */
export function handOffInProcess(activate: (runId: string) => Promise<void>): HandOff {
  return {
    async send(runId) {
      void activate(runId);
    },
    close: () => Promise.resolve(),
  };
}

/** The message goes through a JetStream work queue and is acknowledged when the run has ended. */
export async function handOffThroughNats(
  url: string,
  concurrency: number,
  activate: (runId: string) => Promise<void>,
): Promise<HandOff> {
  const connection = await connect({ servers: url });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({
    name: "BARE",
    subjects: ["bare.run.*"],
    retention: "workqueue",
    storage: "file",
  });
  await manager.consumers.add("BARE", {
    durable_name: "worker",
    ack_policy: "explicit",
    ack_wait: nanos(30_000),
    max_ack_pending: concurrency,
  });
  const stream = jetstream(connection);
  const consumer = await stream.consumers.get("BARE", "worker");
  const messages = await consumer.consume({
    max_messages: Math.max(concurrency, 2),
    callback: (message) => {
      void activate(message.subject.slice("bare.run.".length)).then(() => message.ack());
    },
  });
  return {
    async send(runId) {
      await stream.publish(`bare.run.${runId}`, undefined, { msgID: runId });
    },
    async close() {
      messages.stop();
      await connection.close();
    },
  };
}
