import type { RunId } from "../../core/run/ids.ts";
import { QueueUnavailable } from "../../engine/errors.ts";
import type { AgentProgress } from "../../engine/ports/agents.ts";
import type { Finding } from "../../engine/ports/queries.ts";
import type { AnnouncementListener, Backlog, TaskMessage, TaskQueue } from "../../engine/ports/queue.ts";
import type { Log } from "../../engine/ports.ts";
import { type Entry, TaskLine } from "./task-line.ts";

/** How the in-process queue behaves. */
export type LocalQueueOptions = {
  readonly log: Log;
  /** Pause before a rejected message comes again; doubles up to 5 s. Default 100 ms. */
  readonly retryDelayMs?: number;
};

/** Messages handed out before timers and sockets get their turn: enough that their commits share a transaction. */
const PER_TURN = 16;

type Handle = (message: TaskMessage) => Promise<void>;

type Taker = {
  readonly handle: Handle;
  readonly concurrency: number;
  readonly done: () => void;
  busy: number;
  ending: boolean;
};

/**
 * The task queue of embedded mode: it lives and dies with the process, so it always starts empty and says so to
 * every `onLost` listener, once. Facts are published to nobody: `publishEvents` accepts and forgets them.
 */
export function createLocalQueue(options: LocalQueueOptions): TaskQueue {
  return new LocalQueue(options);
}

class LocalQueue implements TaskQueue {
  readonly #log: Log;
  readonly #retryDelayMs: number;
  readonly #line = new TaskLine();
  readonly #takers: Taker[] = [];
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #listeners = new Set<AnnouncementListener>();
  /** Runs to tell of, and whether they have ended. */
  #announced = new Map<RunId, boolean>();
  readonly #told = new Set<(progress: AgentProgress) => void>();
  #handingOut = false;
  #closed = false;

  constructor({ log, retryDelayMs = 100 }: LocalQueueOptions) {
    this.#log = log;
    this.#retryDelayMs = retryDelayMs;
  }

  publish(messages: readonly TaskMessage[]): Promise<void> {
    if (this.#closed) return Promise.reject(closed());
    for (const message of messages) this.#line.push(message);
    this.#planHandOut();
    return Promise.resolve();
  }

  consume(
    handle: Handle,
    { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal },
  ): Promise<void> {
    if (signal.aborted || this.#closed) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const taker: Taker = { handle, concurrency, done: resolve, busy: 0, ending: false };
    this.#takers.push(taker);
    signal.addEventListener("abort", () => this.#end(taker), { once: true });
    this.#planHandOut();
    return promise;
  }

  backlog(): Promise<Backlog> {
    const inHand = this.#takers.reduce((sum, { busy }) => sum + busy, 0);
    const { size, oldestMs } = this.#line;
    return Promise.resolve({ pending: size, oldestMs, inHand, redelivered: 0 });
  }

  onLost(listener: () => void): void {
    queueMicrotask(listener);
  }

  announce(runIds: readonly RunId[], ended = false): void {
    if (this.#announced.size === 0 && runIds.length > 0) setImmediate(() => this.#tell());
    for (const runId of runIds) this.#announced.set(runId, ended || this.#announced.get(runId) === true);
  }

  onAnnounced(listener: AnnouncementListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(progress: AgentProgress): void {
    for (const listener of this.#told) listener(progress);
  }

  onTold(listener: (progress: AgentProgress) => void): () => void {
    this.#told.add(listener);
    return () => this.#told.delete(listener);
  }

  /** Nobody else is connected to it. */
  appear(): void {}

  isVisible(): boolean {
    return false;
  }

  async isGone(): Promise<boolean> {
    return false;
  }

  publishEvents(): Promise<void> {
    return this.ping();
  }

  ping(): Promise<void> {
    return this.#closed ? Promise.reject(closed()) : Promise.resolve();
  }

  /** It stands on nothing. */
  async examine(): Promise<readonly Finding[]> {
    await this.ping();
    return [];
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#retries) clearTimeout(timer);
    this.#line.clear();
    this.#listeners.clear();
    for (const taker of [...this.#takers]) this.#end(taker);
    return Promise.resolve();
  }

  #end(taker: Taker): void {
    if (taker.ending) return;
    taker.ending = true;
    this.#takers.splice(this.#takers.indexOf(taker), 1);
    if (taker.busy === 0) taker.done();
  }

  #planHandOut(): void {
    if (this.#handingOut || this.#line.size === 0 || this.#takers.length === 0) return;
    this.#handingOut = true;
    setImmediate(() => this.#handOut());
  }

  /** A handful per turn of the event loop: handlers on the native database driver never yield to timers. */
  #handOut(): void {
    this.#handingOut = false;
    for (let i = 0; i < PER_TURN; i++) {
      const taker = this.#takers.find(({ busy, concurrency }) => busy < concurrency);
      const entry = taker && this.#line.shift();
      if (taker === undefined || entry === undefined) return;
      void this.#work(taker, entry);
      // The next free taker comes first the next time.
      if (this.#takers.length > 1) this.#takers.push(...this.#takers.splice(this.#takers.indexOf(taker), 1));
    }
    this.#planHandOut();
  }

  async #work(taker: Taker, entry: Entry): Promise<void> {
    taker.busy += 1;
    try {
      await taker.handle(entry.message);
    } catch (error) {
      this.#giveBack(entry, error);
    }
    taker.busy -= 1;
    if (taker.ending && taker.busy === 0) taker.done();
    this.#planHandOut();
  }

  #giveBack({ message, failures }: Entry, error: unknown): void {
    const ms = Math.min(5_000, this.#retryDelayMs * 2 ** Math.min(failures, 10));
    this.#log.warn("queue message given back", {
      run_id: message.runId,
      target: message.target,
      retry_ms: ms,
      error: error instanceof Error ? error.message : String(error),
    });
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#line.push(message, failures + 1);
      this.#planHandOut();
    }, ms);
    this.#retries.add(timer);
  }

  #tell(): void {
    const runIds = [...this.#announced.keys()];
    const ended = runIds.filter((runId) => this.#announced.get(runId));
    this.#announced = new Map();
    for (const listener of this.#listeners) {
      try {
        listener(runIds, ended);
      } catch (error) {
        this.#log.error("announcement listener failed", { error: String(error) });
      }
    }
  }
}

function closed(): QueueUnavailable {
  return new QueueUnavailable("the in-process queue was closed");
}
