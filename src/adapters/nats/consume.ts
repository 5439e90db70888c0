import { setTimeout as delay } from "node:timers/promises";
import { createInbox, type Msg, type NatsConnection, type Subscription } from "@nats-io/transport-node";
import type { TaskMessage } from "../../engine/ports/queue.ts";
import type { Log } from "../../engine/ports.ts";
import { backoff } from "./backoff.ts";
import type { Link } from "./link.ts";
import { WORKERS } from "./names.ts";
import { decodeTask } from "./wire.ts";

/** What a consumer needs to know. */
export type ConsumeOptions = {
  readonly stream: string;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly ackWaitMs: number;
  readonly retryDelayMs: number;
  readonly log: Log;
};

type Delivery = {
  /** Where its acknowledgement goes. */
  readonly reply: string;
  readonly generation: number;
  readonly attempt: number;
};

/** How long one request for messages stands on the server before it is made again. */
const REQUEST_MS = 5_000;
/** A standing request says so this often: nats-server 2.9 does not answer requests to a deleted consumer. */
const REQUEST_HEARTBEAT_MS = 1_500;
const SILENCE_MS = 4_000;
/** How many handled messages are remembered, at least. */
const REMEMBERED = 1_000;

/**
 * Pulls messages, at most as many as there are free slots, until the signal aborts. Requests are made directly
 * and not through the library's `consume()`, which reads ahead of what can be handled.
 */
export class Consumer {
  readonly #link: Link;
  readonly #handle: (message: TaskMessage) => Promise<void>;
  readonly #options: ConsumeOptions;
  /** By stream sequence and time: a redelivery of what is in hand is not handed out again. */
  readonly #inHand = new Map<string, Delivery>();
  /** Handled lately: a server that crashed before it kept the acknowledgement delivers them again. */
  #handled = new Set<string>();
  #handledBefore = new Set<string>();
  /** Answers that wait until it is known whether the stream is still the same. */
  #owed: { readonly delivery: Delivery; readonly answer: string }[] = [];
  #busy = 0;
  #asked = 0;
  #refusals = 0;
  #heardAt = 0;
  #pullPlanned = false;
  #ending = false;
  #subscription: Subscription | null = null;
  #subscribedOn: NatsConnection | null = null;
  readonly #idle = Promise.withResolvers<void>();

  constructor(link: Link, handle: (message: TaskMessage) => Promise<void>, options: ConsumeOptions) {
    this.#link = link;
    this.#handle = handle;
    this.#options = options;
  }

  /** Resolves when the signal has aborted and everything in hand is done. */
  async run(): Promise<void> {
    const { signal, ackWaitMs } = this.#options;
    if (signal.aborted) return;
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => aborted.resolve(), { once: true });
    const forget = this.#link.onReady(() => this.#begin());
    const heartbeat = setInterval(() => this.#reportWork(), ackWaitMs / 3);
    const watchdog = setInterval(() => this.#watch(), 1_000);
    if (this.#link.state === "ready") this.#begin();

    await aborted.promise;
    this.#ending = true;
    clearInterval(watchdog);
    await this.#unsubscribe();
    if (this.#busy === 0) this.#idle.resolve();
    await this.#idle.promise;
    clearInterval(heartbeat);
    forget();
    await this.#flush();
  }

  /** The link is ready, perhaps again: earlier requests are void, answers that were held back can go. */
  #begin(): void {
    const { connection } = this.#link;
    if (connection === null || this.#link.state !== "ready") return;
    this.#asked = 0;
    const owed = this.#owed;
    this.#owed = [];
    for (const { delivery, answer } of owed) this.#answer(delivery, answer);
    if (this.#ending) return;
    if (this.#subscribedOn !== connection) {
      this.#subscribedOn = connection;
      const callback = (error: Error | null, message: Msg) => this.#receive(error, message);
      this.#subscription = connection.subscribe(createInbox(), { callback });
    }
    this.#pull();
  }

  #receive(error: Error | null, message: Msg): void {
    this.#heardAt = performance.now();
    if (error !== null) {
      this.#refused(error.message);
      return;
    }
    if (message.subject === this.#subscription?.getSubject()) this.#status(message);
    else this.#take(message);
  }

  #take(message: Msg): void {
    this.#asked = Math.max(0, this.#asked - 1);
    this.#refusals = 0;
    const reply = message.reply ?? "";
    const { key, attempt, seq } = placeOf(reply);
    const delivery = { reply, generation: this.#link.generation, attempt };
    if (this.#inHand.has(key) || this.#wasHandled(key)) {
      this.#send(delivery, this.#inHand.has(key) ? "+WPI" : "+ACK");
      this.#planPull();
      return;
    }
    if (this.#ending || this.#busy >= this.#options.concurrency) {
      this.#send(delivery, "-NAK");
      return;
    }
    const task = decodeTask(message.data, message.headers);
    if (task === null) {
      this.#options.log.error("queue message is not a task", { subject: message.subject, stream_seq: seq });
      // No reason after it: nats-server 2.9 does not parse one and delivers the message again.
      this.#send(delivery, "+TERM");
      this.#planPull();
      return;
    }
    this.#link.sawSeq(seq);
    this.#busy += 1;
    this.#inHand.set(key, delivery);
    void this.#work(task, key, delivery);
    // Slots that came free while this request stood: what is in hand may take long to free another.
    if (this.#asked === 0) this.#planPull();
  }

  async #work(task: TaskMessage, key: string, delivery: Delivery): Promise<void> {
    let answer = "+ACK";
    try {
      await this.#handle(task);
    } catch (error) {
      const ms = Math.round(backoff(delivery.attempt - 1, this.#options.retryDelayMs, 30_000));
      answer = `-NAK ${JSON.stringify({ delay: ms * 1e6 })}`;
      this.#options.log.warn("queue message given back", {
        run_id: task.runId,
        target: task.target,
        retry_ms: ms,
        error: error instanceof Error ? error.message : String(error),
      });
    }
    this.#inHand.delete(key);
    if (answer === "+ACK") this.#remember(key);
    this.#busy -= 1;
    this.#answer(delivery, answer);
    if (!this.#ending) this.#planPull();
    else if (this.#busy === 0) this.#idle.resolve();
  }

  #remember(key: string): void {
    this.#handled.add(key);
    if (this.#handled.size < REMEMBERED) return;
    this.#handledBefore = this.#handled;
    this.#handled = new Set();
  }

  #wasHandled(key: string): boolean {
    return this.#handled.has(key) || this.#handledBefore.has(key);
  }

  #answer(delivery: Delivery, answer: string): void {
    if (this.#link.state === "ready") this.#send(delivery, answer);
    else if (this.#link.state !== "closed") this.#owed.push({ delivery, answer });
  }

  /**
   * Never to a stream of another generation: it numbers its messages anew, and an old acknowledgement would
   * remove somebody else's message.
   */
  #send(delivery: Delivery, answer: string): void {
    const { connection, generation } = this.#link;
    if (delivery.generation !== generation || connection === null || connection.isClosed()) return;
    connection.publish(delivery.reply, answer);
  }

  #reportWork(): void {
    if (this.#link.state !== "ready") return;
    for (const delivery of this.#inHand.values()) this.#send(delivery, "+WPI");
  }

  #status(message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code === 100) return;
    if (code === 408 || code === 404) {
      const unserved = Number(message.headers?.get("Nats-Pending-Messages") || this.#asked);
      this.#asked = Math.max(0, this.#asked - unserved);
      this.#refusals = 0;
      this.#pull();
      return;
    }
    this.#refused(`${code} ${message.headers?.description ?? ""}`.trim());
  }

  /** Consumer or stream gone, leader changed, no JetStream: looks what is there before it asks again. */
  #refused(reason: string): void {
    this.#asked = 0;
    if (this.#link.state !== "ready" || this.#ending) return;
    this.#options.log.warn("queue refused a request", { reason });
    this.#refusals += 1;
    if (this.#refusals === 1) this.#link.check();
    else setTimeout(() => this.#link.check(), backoff(this.#refusals, 50, 5_000)).unref();
  }

  #watch(): void {
    if (!this.#isSilent()) return;
    // After a blocked event loop timers run first: what has arrived meanwhile is read in between.
    setImmediate(() => {
      if (this.#isSilent()) this.#refused("no answer");
    });
  }

  #isSilent(): boolean {
    if (this.#asked === 0 || this.#link.state !== "ready") return false;
    return performance.now() - this.#heardAt > SILENCE_MS;
  }

  /** Slots that come free in one turn of the event loop are asked for together. */
  #planPull(): void {
    if (this.#pullPlanned) return;
    this.#pullPlanned = true;
    setImmediate(() => {
      this.#pullPlanned = false;
      this.#pull();
    });
  }

  /** Few requests stand at a time: a second one only when half of all slots could use it. */
  #pull(): void {
    const { concurrency, stream } = this.#options;
    const { connection, state } = this.#link;
    if (state !== "ready" || connection === null || this.#ending || this.#subscription === null) return;
    const free = concurrency - this.#busy - this.#asked;
    if (free <= 0 || (this.#asked > 0 && free * 2 < concurrency)) return;
    this.#asked += free;
    this.#heardAt = performance.now();
    const request = JSON.stringify({
      batch: free,
      expires: REQUEST_MS * 1e6,
      idle_heartbeat: REQUEST_HEARTBEAT_MS * 1e6,
    });
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${WORKERS}`;
    connection.publish(subject, request, { reply: this.#subscription.getSubject() });
  }

  /** Ends the server's interest, and gives back what was already on its way. */
  async #unsubscribe(): Promise<void> {
    const subscription = this.#subscription;
    if (subscription === null || subscription.isClosed()) return;
    if (this.#link.state === "away" || this.#link.state === "closed") subscription.unsubscribe();
    else {
      const drained = subscription.drain().catch(() => undefined);
      await Promise.race([drained, delay(1_000, undefined, { ref: false })]);
    }
  }

  /** The last acknowledgements must be out before the caller ends the process. */
  async #flush(): Promise<void> {
    if (this.#link.state !== "ready") return;
    const flushed = this.#link.connection?.flush().catch(() => undefined);
    await Promise.race([flushed, delay(1_000, undefined, { ref: false })]);
  }
}

/** `$JS.ACK.[domain.account.]stream.consumer.deliveries.streamSeq.consumerSeq.time.pending[.token]` */
function placeOf(reply: string): { readonly key: string; readonly attempt: number; readonly seq: number } {
  const tokens = reply.split(".");
  const at = tokens.length >= 11 ? 6 : 4;
  const [attempt, seq, , time] = tokens.slice(at, at + 4);
  return { key: `${seq}.${time}`, attempt: Number(attempt), seq: Number(seq) };
}
