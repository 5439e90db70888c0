import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import type { Log } from "../../engine/ports.ts";
import type { Link } from "./link.ts";

/** A subject of plain NATS: nothing is kept there, and whoever misses a message was not told. */
export type Told<T> = {
  readonly subject: string;
  /** What the messages are, in the log: `announcements`. */
  readonly what: string;
  /** May throw; the message is then nobody's. */
  read(message: Msg): T;
};

/** Those who listen on a subject. It is subscribed only while there is one: what nobody follows is nobody's traffic. */
export class Listeners<T> {
  readonly #link: Link;
  readonly #told: Told<T>;
  readonly #log: Log;
  readonly #listeners = new Set<(message: T) => void>();
  #subscription: Subscription | null = null;
  #subscribedOn: NatsConnection | null = null;

  constructor(link: Link, told: Told<T>, log: Log) {
    this.#link = link;
    this.#told = told;
    this.#log = log;
    link.onReady(() => this.#subscribe());
  }

  add(listener: (message: T) => void): () => void {
    this.#listeners.add(listener);
    this.#subscribe();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#subscription?.unsubscribe();
      this.#subscribedOn = null;
    };
  }

  clear(): void {
    this.#listeners.clear();
  }

  /** The library keeps a subscription over its own reconnects; a new connection needs a new one. */
  #subscribe(): void {
    const { connection } = this.#link;
    if (connection === null || connection.isClosed() || this.#listeners.size === 0) return;
    if (this.#subscribedOn === connection) return;
    this.#subscribedOn = connection;
    const callback = (error: Error | null, message: Msg) => this.#receive(error, message);
    this.#subscription = connection.subscribe(this.#told.subject, { callback });
  }

  #receive(error: Error | null, message: Msg): void {
    const { what } = this.#told;
    if (error !== null) {
      this.#log.warn(`${what} not received`, { error: error.message });
      return;
    }
    let read: T;
    try {
      read = this.#told.read(message);
    } catch (cause) {
      this.#log.warn(`a message is none of the ${what}`, { subject: message.subject, error: String(cause) });
      return;
    }
    for (const listener of this.#listeners) {
      try {
        listener(read);
      } catch (cause) {
        this.#log.error(`who listens to ${what} failed`, { error: String(cause) });
      }
    }
  }
}
