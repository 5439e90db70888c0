import type { MessagePort } from "node:worker_threads";
import type { Cells, Database, Query } from "./database.ts";
import { textOf } from "./lent-text.ts";
import type { Prepared } from "./prepare.ts";

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
  /** `lentIn` reads it. */
  | { readonly committed: string }
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
  #committed = "";

  constructor(db: Database) {
    this.#db = db;
  }

  /** From now on to the thread at the other end of `port`; `underWay[0]` are the characters that it has not taken yet. */
  to(port: MessagePort, underWay: Int32Array<SharedArrayBuffer>): void {
    this.#port = port;
    this.#underWay = underWay;
    this.#committed = "";
    port.on("message", (asked: Asked) => void this.#answer(port, asked));
    port.on("close", () => {
      if (this.#port === port) this.#port = null;
    });
    port.unref();
  }

  /** A transition was kept: `seq` and `position` are those of its last event. */
  committed({ runId, events, size }: Prepared, seq: number, position: number): void {
    if (this.#port === null || events.length === 0) return;
    if (Atomics.load(this.#underWay, 0) > MOST_CHARACTERS) return;
    const text = textOf({ runId, seq, position, events, characters: size });
    // Whoever follows finds a gap, and asks.
    if (text === null) return;
    Atomics.add(this.#underWay, 0, size);
    if (this.#committed === "") setImmediate(() => this.#tell());
    this.#committed += text;
  }

  /** Something in the database changed: what was told no longer counts. */
  forget(): void {
    this.#tell();
    this.#port?.postMessage({ forget: true } satisfies Told);
  }

  #tell(): void {
    const committed = this.#committed;
    if (committed === "") return;
    this.#committed = "";
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
