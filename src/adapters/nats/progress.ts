import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import type { AgentProgress } from "../../engine/ports/agents.ts";
import type { Log } from "../../engine/ports.ts";
import type { Link } from "./link.ts";

/** What agents are doing, over plain NATS: whoever is not there misses it, and nobody waits for it. */
export class Progress {
  readonly #link: Link;
  readonly #subject: string;
  readonly #log: Log;
  readonly #listeners = new Set<(progress: AgentProgress) => void>();
  #subscription: Subscription | null = null;
  #subscribedOn: NatsConnection | null = null;

  constructor(link: Link, subject: string, log: Log) {
    this.#link = link;
    this.#subject = subject;
    this.#log = log;
    link.onReady(() => this.#subscribe());
  }

  tell(progress: AgentProgress): void {
    const { connection, state } = this.#link;
    if (connection === null || state !== "ready" || connection.isClosed()) return;
    try {
      connection.publish(`${this.#subject}.${progress.runId}`, JSON.stringify(progress));
    } catch (error) {
      this.#log.warn("progress not told", { error: String(error) });
    }
  }

  onTold(listener: (progress: AgentProgress) => void): () => void {
    this.#listeners.add(listener);
    this.#subscribe();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#subscription?.unsubscribe();
      this.#subscribedOn = null;
    };
  }

  close(): void {
    this.#listeners.clear();
  }

  /** Only while somebody follows a run: others' progress is nobody's traffic. */
  #subscribe(): void {
    const { connection } = this.#link;
    if (connection === null || connection.isClosed() || this.#listeners.size === 0) return;
    if (this.#subscribedOn === connection) return;
    this.#subscribedOn = connection;
    const callback = (error: Error | null, message: Msg) => this.#receive(error, message);
    this.#subscription = connection.subscribe(`${this.#subject}.*`, { callback });
  }

  #receive(error: Error | null, message: Msg): void {
    if (error !== null) {
      this.#log.warn("progress not received", { error: error.message });
      return;
    }
    try {
      const progress = message.json<AgentProgress>();
      for (const listener of this.#listeners) listener(progress);
    } catch (cause) {
      this.#log.error("progress listener failed", { error: String(cause) });
    }
  }
}
