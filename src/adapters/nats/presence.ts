import { errors, type Msg, type NatsConnection } from "@nats-io/transport-node";
import type { Link } from "./link.ts";
import type { Names } from "./names.ts";

/** The server says at once that nobody listens; who listens says nothing. */
const REFUSAL_MS = 150;

/**
 * Who is connected, over plain NATS: each process listens to a subject of its name. The server itself says when nobody
 * does, so a process that stands still is never taken for gone: its system keeps it connected until it ends.
 */
export class Presence {
  /** True once this process has heard itself, until it is disconnected. */
  isVisible = false;
  readonly #link: Link;
  readonly #names: Names;
  #holder: string | null = null;
  #subscribedOn: NatsConnection | null = null;

  constructor(link: Link, names: Names) {
    this.#link = link;
    this.#names = names;
    link.onReady(() => this.#listen());
    link.onDown(() => {
      this.isVisible = false;
    });
  }

  appear(holder: string): void {
    this.#holder = holder;
    this.#listen();
  }

  async isGone(holder: string): Promise<boolean> {
    const { connection, state } = this.#link;
    if (connection === null || state !== "ready" || connection.isClosed()) return false;
    try {
      await connection.request(this.#names.alive(holder), "", { timeout: REFUSAL_MS });
      return false;
    } catch (error) {
      return isNobody(error);
    }
  }

  /** The library keeps a subscription over its own reconnects; a new connection needs a new one. */
  #listen(): void {
    const { connection } = this.#link;
    if (this.#holder === null || connection === null || connection.isClosed()) return;
    const subject = this.#names.alive(this.#holder);
    if (this.#subscribedOn !== connection) {
      this.#subscribedOn = connection;
      const callback = (error: Error | null, message: Msg) => {
        // A question has somebody to answer to; what comes without is its own.
        if (error === null && !message.reply) this.isVisible = true;
      };
      connection.subscribe(subject, { callback });
    }
    connection.publish(subject);
  }
}

function isNobody(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  return error instanceof errors.RequestError && error.isNoResponders();
}
