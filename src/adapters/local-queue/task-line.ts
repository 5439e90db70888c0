import type { TaskMessage } from "../../engine/ports/queue.ts";

/** A task in line, how often a handler has given it back, and since when it waits (`performance.now()`). */
export type Entry = { message: TaskMessage; readonly failures: number; readonly since: number };

/** First in, first out; one place in line per run and target, taken by the latest message for it. */
export class TaskLine {
  #entries: (Entry | undefined)[] = [];
  #head = 0;
  readonly #waiting = new Map<string, Entry>();

  get size(): number {
    return this.#entries.length - this.#head;
  }

  /** For how many milliseconds the first has waited; 0 for nobody. */
  get oldestMs(): number {
    const first = this.#entries[this.#head];
    return first === undefined ? 0 : performance.now() - first.since;
  }

  /** False when the same run and target already waits: it keeps its place, with the newer message. */
  push(message: TaskMessage, failures = 0): boolean {
    const key = keyOf(message);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      if (isNewer(message, waiting.message)) waiting.message = message;
      return false;
    }
    const entry = { message, failures, since: performance.now() };
    this.#waiting.set(key, entry);
    this.#entries.push(entry);
    return true;
  }

  shift(): Entry | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#entries[this.#head] = undefined;
    this.#head += 1;
    this.#waiting.delete(keyOf(entry.message));
    this.#compact();
    return entry;
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.#waiting.clear();
  }

  /** Rarely, and never more than has been taken since the last time: constant cost per message. */
  #compact(): void {
    if (this.#head < 1_024 || this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
}

function keyOf(message: TaskMessage): string {
  return `${message.runId}:${message.target}`;
}

function isNewer(one: TaskMessage, other: TaskMessage): boolean {
  return one.revision > other.revision || (one.revision === other.revision && one.sends > other.sends);
}
