import type { MessagePort } from "node:worker_threads";
import type { RunId } from "../../core/run/ids.ts";
import type { Cells, Database, Query } from "./database.ts";
import type { EventRow, Prepared } from "./prepare.ts";

/** Events of one transition, as they were written; `seq` and `position` are those of the last. */
export type Lent = {
  readonly runId: RunId;
  readonly seq: number;
  readonly position: number;
  readonly events: readonly EventRow[];
  readonly characters: number;
};

/** What the thread that lends a database is asked. */
export type Asked = {
  readonly id: number;
  readonly mode: "read" | "write";
  readonly queries: readonly Query[];
};

/** What it answers, and tells without being asked. */
export type Told =
  | { readonly id: number; readonly rows: readonly (readonly Cells[])[] }
  | { readonly id: number; readonly error: string }
  | { readonly committed: readonly Lent[] }
  | { readonly forget: true };

/** Characters on their way to a thread that does not get on; what comes then is not sent, and has to be asked for. */
const MOST_CHARACTERS = 16_000_000;

/**
 * Lends the database that this thread has open to one other thread: a file is locked for one connection, and a server has
 * few for all processes. Answers what it is asked, and of a file tells every commit, so that most events need no asking.
 */
export class Lender {
  readonly #db: Database;
  #port: MessagePort | null = null;
  #underWay = new Int32Array(new SharedArrayBuffer(4));
  #committed: Lent[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** From now on to the thread at the other end of `port`; `underWay[0]` are the characters that it has not taken yet. */
  to(port: MessagePort, underWay: Int32Array<SharedArrayBuffer>): void {
    this.#port = port;
    this.#underWay = underWay;
    this.#committed = [];
    port.on("message", (asked: Asked) => void this.#answer(port, asked));
    port.on("close", () => {
      if (this.#port === port) this.#port = null;
    });
    port.unref();
  }

  /** A transition was kept: `seq` and `position` are those of its last event. */
  committed({ runId, events, size }: Prepared, seq: number, position: number): void {
    // What is too large for its row is kept elsewhere: whoever follows finds a gap, and asks.
    if (this.#port === null || events.length === 0 || events.some(([, , , , , spilled]) => spilled !== null))
      return;
    if (Atomics.load(this.#underWay, 0) > MOST_CHARACTERS) return;
    Atomics.add(this.#underWay, 0, size);
    if (this.#committed.push({ runId, seq, position, events, characters: size }) === 1)
      setImmediate(() => this.#tell());
  }

  /** Something in the database changed: what was told no longer counts. */
  forget(): void {
    this.#tell();
    this.#port?.postMessage({ forget: true } satisfies Told);
  }

  #tell(): void {
    const committed = this.#committed;
    if (committed.length === 0) return;
    this.#committed = [];
    this.#port?.postMessage({ committed } satisfies Told);
  }

  async #answer(port: MessagePort, { id, mode, queries }: Asked): Promise<void> {
    const told = await this.#db[mode](queries).then(
      (rows): Told => ({ id, rows }),
      (error: unknown): Told => ({ id, error: error instanceof Error ? error.message : String(error) }),
    );
    port.postMessage(told);
  }
}
