import { setTimeout as delay } from "node:timers/promises";
import { type ConnectionOptions, connect, type NatsConnection } from "@nats-io/transport-node";
import type { Log } from "../../engine/ports.ts";
import { backoff } from "./backoff.ts";

/** Told about a connection that comes and goes. */
export type ConnectionEvents = {
  /** After the first connect and after each reconnect. */
  up(connection: NatsConnection): void;
  down(reason: Error): void;
};

/** A connection that is tried for until it is closed. */
export type KeptConnection = {
  /** Resolves after the first attempt, whatever came of it. */
  readonly attempted: Promise<void>;
  close(): Promise<void>;
};

/**
 * Connects, and connects again, for ever. The library's own `waitOnFirstConnect` cannot be given up, so the
 * first connect is repeated here; later ones are left to the library.
 */
export function keepConnected(
  options: ConnectionOptions,
  events: ConnectionEvents,
  log: Log,
): KeptConnection {
  const closing = new AbortController();
  const attempted = Promise.withResolvers<void>();
  let connection: NatsConnection | null = null;
  let attempts = 0;
  const settings = { ...options, reconnectDelayHandler: () => backoff(attempts, 100, 2_000) };

  const run = async () => {
    let lastComplaint = "";
    while (!closing.signal.aborted) {
      try {
        connection = await connect(settings);
        if (closing.signal.aborted) return await connection.close();
        attempts = 0;
        lastComplaint = "";
        events.up(connection);
        attempted.resolve();
        await follow(connection);
        throw await connection.closed();
      } catch (error) {
        connection = null;
        attempts += 1;
        const reason = error instanceof Error ? error : new Error("the connection was closed");
        events.down(reason);
        attempted.resolve();
        if (reason.message !== lastComplaint && !closing.signal.aborted)
          log.warn("queue not reachable", { error: reason.message });
        lastComplaint = reason.message;
        await pause(backoff(attempts, 100, 2_000));
      }
    }
  };

  /** Until the library gives the connection up. */
  const follow = async (current: NatsConnection) => {
    for await (const status of current.status()) {
      switch (status.type) {
        case "disconnect":
          events.down(new Error(`disconnected from ${status.server}`));
          if (!closing.signal.aborted) log.warn("queue disconnected", { server: status.server });
          break;
        case "reconnecting":
          attempts += 1;
          break;
        case "reconnect":
          attempts = 0;
          log.info("queue reconnected", { server: status.server });
          events.up(current);
          break;
        case "error":
          log.warn("queue reported an error", { error: status.error.message });
          break;
        default:
          break;
      }
    }
  };

  const pause = (ms: number) => delay(ms, undefined, { signal: closing.signal }).catch(() => undefined);

  const running = run();
  return {
    attempted: attempted.promise,
    close: async () => {
      closing.abort();
      await connection?.close();
      await running;
    },
  };
}
