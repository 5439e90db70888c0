import { setTimeout as delay } from "node:timers/promises";
import { type JetStreamClient, jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { QueueUnavailable } from "../../engine/errors.ts";
import type { Log } from "../../engine/ports.ts";
import { backoff } from "./backoff.ts";
import { type KeptConnection, keepConnected } from "./connection.ts";
import { connectionOptions, type NatsQueueOptions, serversForPeople } from "./options.ts";
import { ensureTopology, type Found, type TopologyOptions } from "./topology.ts";

/**
 * The one line to JetStream. It is `ready` only while it is connected *and* the streams behind it have been
 * looked at since: a server can come back empty, and nothing may be published to it, acknowledged on it or asked
 * of it before that is known.
 */
export class Link {
  /** Grows whenever the task stream turns out to be another one: what was received before is void. */
  generation = 0;
  state: "away" | "checking" | "ready" | "closed" = "away";
  connection: NatsConnection | null = null;
  client: JetStreamClient | null = null;

  readonly #servers: string;
  readonly #topology: TopologyOptions;
  readonly #log: Log;
  readonly #onlyLooks: boolean;
  readonly #kept: KeptConnection;
  readonly #readyListeners = new Set<() => void>();
  readonly #downListeners = new Set<(reason: Error) => void>();
  readonly #lostListeners = new Set<() => void>();
  #reason = new Error("not connected yet");
  /** Grows with every connect and disconnect: a check that began before is void. */
  #epoch = 0;
  #known: { readonly createdAt: string } | null = null;
  #lastSeq = 0;

  constructor(options: NatsQueueOptions, topology: TopologyOptions) {
    this.#servers = serversForPeople(options.servers);
    this.#topology = topology;
    this.#log = options.log;
    this.#onlyLooks = options.onlyLooks ?? false;
    this.#kept = keepConnected(
      connectionOptions(options),
      { up: (connection) => this.#up(connection), down: (reason) => this.#down(reason) },
      options.log,
    );
  }

  /** Resolves when ready, or after the first attempt has failed. */
  async started(): Promise<void> {
    await this.#kept.attempted;
    if (this.state === "checking") await this.ready(3_000).catch(() => undefined);
  }

  /** Waits out a short absence; rejects with `QueueUnavailable` after `patienceMs`. */
  async ready(patienceMs: number): Promise<{ connection: NatsConnection; client: JetStreamClient }> {
    if (this.state !== "ready" && this.state !== "closed") {
      const { promise, resolve } = Promise.withResolvers<void>();
      const forget = this.onReady(resolve);
      const timer = setTimeout(resolve, patienceMs);
      await promise;
      clearTimeout(timer);
      forget();
    }
    const { connection, client } = this;
    if (this.state === "ready" && connection !== null && client !== null) return { connection, client };
    throw this.unavailable(this.#reason);
  }

  unavailable(cause: unknown): QueueUnavailable {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new QueueUnavailable(`the queue at ${this.#servers} cannot be used: ${why}`, { cause });
  }

  /** Something is odd about the streams: looks at them again before anything else is done with them. */
  check(): void {
    if (this.state !== "ready") return;
    this.state = "checking";
    void this.#check(this.#epoch);
  }

  /** A sequence number the task stream has given out: it may never fall behind it. */
  sawSeq(seq: number): void {
    if (seq > this.#lastSeq) this.#lastSeq = seq;
  }

  onReady(listener: () => void): () => void {
    this.#readyListeners.add(listener);
    return () => this.#readyListeners.delete(listener);
  }

  onDown(listener: (reason: Error) => void): () => void {
    this.#downListeners.add(listener);
    return () => this.#downListeners.delete(listener);
  }

  /** A listener that comes after an empty queue was found hears of it at once. */
  onLost(listener: () => void): void {
    this.#lostListeners.add(listener);
    if (this.generation > 0) queueMicrotask(() => this.#tell(listener));
  }

  async close(): Promise<void> {
    this.#reason = new Error("it was closed");
    const flushed = this.state === "ready" ? this.connection?.flush() : undefined;
    this.state = "closed";
    this.#epoch += 1;
    await Promise.race([flushed?.catch(() => undefined), delay(1_000, undefined, { ref: false })]);
    for (const listener of [...this.#readyListeners]) listener();
    for (const listener of [...this.#downListeners]) listener(this.#reason);
    await this.#kept.close();
  }

  #up(connection: NatsConnection): void {
    if (this.state === "closed") return;
    this.#epoch += 1;
    this.connection = connection;
    this.client = jetstream(connection, { timeout: 3_000 });
    this.state = "checking";
    void this.#check(this.#epoch);
  }

  #down(reason: Error): void {
    if (this.state === "closed") return;
    this.#epoch += 1;
    this.#reason = reason;
    this.state = "away";
    for (const listener of [...this.#downListeners]) listener(reason);
  }

  async #check(epoch: number): Promise<void> {
    for (let attempt = 0; this.#epoch === epoch; attempt += 1) {
      try {
        await this.#checkOnce(epoch);
        return;
      } catch (error) {
        if (this.#epoch !== epoch) return;
        this.#reason = error instanceof Error ? error : new Error(String(error));
        this.#log.warn("queue streams not usable", { error: this.#reason.message });
        await delay(backoff(attempt, 100, 5_000), undefined, { ref: false });
      }
    }
  }

  async #checkOnce(epoch: number): Promise<void> {
    if (this.connection === null) return;
    if (this.#onlyLooks) return this.#becomeReady();
    // Read before asking: an answer may be older than an acknowledgement that overtakes it.
    const lastSeq = this.#lastSeq;
    const manager = await jetstreamManager(this.connection, { timeout: 3_000, checkAPI: false });
    const found = await ensureTopology(manager, this.#topology, this.#known !== null, this.#log);
    if (this.#epoch !== epoch) return;
    const known = this.#known;
    const other = known !== null && (found.createdAt !== known.createdAt || found.lastSeq < lastSeq);
    const lost = found.created || other;
    if (known === null || lost) this.#report(found, this.connection.info?.version);
    this.#known = { createdAt: found.createdAt };
    if (lost) {
      this.generation += 1;
      this.#lastSeq = found.lastSeq;
      if (known !== null) this.#log.warn("queue lost what it held", { stream: this.#topology.names.tasks });
    }
    this.#becomeReady();
    if (lost) for (const listener of this.#lostListeners) this.#tell(listener);
  }

  #becomeReady(): void {
    this.state = "ready";
    for (const listener of [...this.#readyListeners]) listener();
  }

  #report(found: Found, serverVersion: string | undefined): void {
    for (const stream of found.streams)
      this.#log.info("queue stream", {
        stream: stream.name,
        server_version: serverVersion,
        retention: stream.retention,
        storage: stream.storage,
        replicas: stream.num_replicas,
        max_age_seconds: Math.round(stream.max_age / 1e9),
        max_bytes: stream.max_bytes,
        dedupe_seconds: Math.round(stream.duplicate_window / 1e9),
      });
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#log.error("queue loss listener failed", { error: String(error) });
    }
  }
}
