import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "@libsql/client";
import { StoreUnavailable } from "../../engine/errors.ts";
import { answeredInParts, type ServerAddress } from "./at-one-moment.ts";
import {
  type Cells,
  type Database,
  isBusy,
  isConstraint,
  isTooLarge,
  type Query,
  whatFailed,
} from "./database.ts";
import { type Channel, type Mode, streams } from "./streams.ts";

/** After so long nobody knows what became of a request. */
const TIMEOUT_MS = 15_000;
const BUSY_TRIES = 8;

/** Questions that share a batch. */
const MOST_TOGETHER = 64;

type Asked = {
  readonly queries: readonly Query[];
  readonly resolve: (answers: readonly (readonly Cells[])[]) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * A libSQL server (sqld, Turso). One write batch is in flight at a time: more of them do not make it faster, and
 * enough of them hang sqld.
 */
export class RemoteDriver implements Database {
  readonly address: ServerAddress;
  readonly #channel: Channel;
  #inParts: Promise<unknown> = Promise.resolve();
  #writing: Promise<unknown> = Promise.resolve();
  #asked: Asked[] = [];
  #isReading = false;
  writeFailure: Error | null = null;

  constructor(url: string, authToken: string | undefined) {
    this.address = { url, ...(authToken !== undefined && { authToken }) };
    this.#channel = /^wss?:/.test(url) ? streams(url, authToken) : requests(url, authToken);
  }

  /** Questions that are ready together are asked together: a server answers one long batch sooner than many short. */
  read(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]> {
    if (queries.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#asked.push({ queries, resolve, reject });
      if (this.#isReading) return;
      this.#isReading = true;
      setImmediate(() => void this.#readAll());
    });
  }

  write(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]> {
    const written = this.#writing.then(() => this.#batch(queries, "write"));
    this.#writing = written.then(
      () => {
        this.writeFailure = null;
      },
      (error: unknown) => {
        this.writeFailure = error instanceof StoreUnavailable ? error : null;
      },
    );
    return written;
  }

  async close(): Promise<void> {
    await this.#writing;
    this.#channel.close();
  }

  async #readAll(): Promise<void> {
    while (this.#asked.length > 0) {
      const together = this.#asked.splice(0, MOST_TOGETHER);
      try {
        const answers = await this.#batch(
          together.flatMap(({ queries }) => queries),
          "read",
        );
        let from = 0;
        for (const { queries, resolve } of together) {
          resolve(answers.slice(from, from + queries.length));
          from += queries.length;
        }
      } catch (error) {
        await this.#readEach(together, error);
      }
    }
    this.#isReading = false;
  }

  /** One of several questions was refused, or all of them were too much for one answer: each for itself finds out which. */
  async #readEach(together: readonly Asked[], error: unknown): Promise<void> {
    const [only, ...others] = together;
    if (only && others.length === 0 && isTooLarge(error)) this.#readInParts(only);
    else if (others.length === 0 || error instanceof StoreUnavailable)
      for (const { reject } of together) reject(error);
    else
      for (const one of together)
        await this.#batch(one.queries, "read").then(one.resolve, (reason: unknown) =>
          isTooLarge(reason) ? this.#readInParts(one) : one.reject(reason),
        );
  }

  /** One after the other, and nobody else waits for it. */
  #readInParts({ queries, resolve, reject }: Asked): void {
    this.#inParts = this.#inParts
      .then(() => answeredInParts(this.address, queries.map(asSent)))
      .then((answers) => resolve(asAsked(queries, answers)))
      .catch((error: unknown) =>
        reject(
          error instanceof StoreUnavailable
            ? error
            : new StoreUnavailable(whatFailed(error), { cause: error }),
        ),
      );
  }

  async #batch(queries: readonly Query[], mode: Mode): Promise<readonly (readonly Cells[])[]> {
    for (let tries = 1; ; tries++)
      try {
        return asAsked(queries, await this.#inTime(this.#channel.batch(queries.map(asSent), mode)));
      } catch (error) {
        if (isConstraint(error) || isWrong(error) || (mode === "read" && isTooLarge(error))) throw error;
        // Somebody else is writing: nothing of this batch has happened.
        if (!isBusy(error) || tries === BUSY_TRIES)
          throw new StoreUnavailable(whatFailed(error), { cause: error });
        await delay(Math.random() * 10 * 2 ** tries);
      }
  }

  #inTime<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        // Its connection may be stuck; the next request gets a new one.
        this.#channel.reconnect();
        reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
      }, TIMEOUT_MS);
      answer.then(resolve, reject).finally(() => clearTimeout(late));
    });
  }
}

function asSent({ sql, packed, args }: Query): Query {
  return { sql: packed ?? sql, args };
}

function asAsked(
  queries: readonly Query[],
  answers: readonly (readonly Cells[])[],
): readonly (readonly Cells[])[] {
  return answers.map((rows, index) => (queries[index]?.packed === undefined ? rows : rows.map(unpacked)));
}

function unpacked([text]: Cells): Cells {
  return JSON.parse(String(text));
}

/** Over HTTP each batch is a request of its own. */
function requests(url: string, authToken: string | undefined): Channel {
  const client = createClient({ url, ...(authToken !== undefined && { authToken }), intMode: "number" });
  return {
    async batch(queries, mode) {
      const statements = queries.map(({ sql, args }) => ({ sql, args: [...args] }));
      const results = await client.batch(statements, mode);
      return results.map(({ rows }) => rows.map((row) => Array.from(row) as Cells));
    },
    reconnect: () => client.reconnect(),
    close: () => client.close(),
  };
}

/** The server says that the request itself is at fault: asking again would not help. */
function isWrong(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return ["SQLITE_ERROR", "SQL_INPUT_ERROR", "SQL_PARSE_ERROR", "SQLITE_MISMATCH"].includes(code);
}
