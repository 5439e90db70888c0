import { BatchCond, openWs, parseLibsqlUrl, type WsClient, type WsStream } from "@libsql/hrana-client";
import type { Cells, Query } from "./database.ts";

/** Without work for so long a stream is given back: about what opening another takes. */
const IDLE_MS = 3;
/** After so long it is given back though there is work: others may be in line for it. */
const HELD_MS = 50;
/** A batch that waits so long for the stream in use gets a second one: a long question must not hold up commits. */
const PATIENCE_MS = 100;

/** A way to have all queries answered within one transaction. */
export type Channel = {
  batch(queries: readonly Query[], mode: Mode): Promise<readonly (readonly Cells[])[]>;
  /** Lets go of a connection that may be stuck; what waits for its answer is rejected. */
  reconnect(): void;
  close(): void;
};

export type Mode = "read" | "write";

type Held = { readonly client: WsClient; readonly stream: WsStream; readonly since: number };
type Waiting = (held: Held) => void;

/**
 * Batches over a web socket to `url`. They need a stream, which is a database connection of the server's: opening one
 * costs it ten times what most batches do, and sqld has but two for all processes. So a process does everything on
 * one stream and keeps it while there is work, for a short while; the server gives the next to whoever has waited longest.
 */
export function streams(url: string, authToken: string | undefined): Channel {
  const address = parseLibsqlUrl(url);
  const jwt = address.authToken ?? authToken;
  let client: WsClient | null = null;
  let idle: { readonly held: Held; readonly end: NodeJS.Timeout } | null = null;
  let inUse = 0;
  const waiting: Waiting[] = [];

  return {
    async batch(queries, mode) {
      const held = await take();
      try {
        const answers = await inTransaction(held.stream, queries, mode);
        giveBack(held);
        return answers;
      } catch (error) {
        // Whatever state it is in: nobody uses it again.
        end(held);
        throw error;
      }
    },
    reconnect: () => client?.close(),
    close: () => client?.close(),
  };

  function take(): Promise<Held> {
    if (idle) {
      const { held } = idle;
      clearTimeout(idle.end);
      idle = null;
      if (!held.client.closed) {
        inUse++;
        return Promise.resolve(held);
      }
    }
    if (inUse === 0) return Promise.resolve(open());
    return new Promise((resolve) => {
      const impatient = setTimeout(() => {
        waiting.splice(waiting.indexOf(given), 1);
        resolve(open());
      }, PATIENCE_MS);
      const given: Waiting = (held) => {
        clearTimeout(impatient);
        resolve(held);
      };
      waiting.push(given);
    });
  }

  function open(): Held {
    if (!client || client.closed) client = openWs(address.hranaWsUrl ?? url, jwt);
    const stream = client.openStream();
    stream.intMode = "number";
    inUse++;
    return { client, stream, since: performance.now() };
  }

  function giveBack(held: Held): void {
    const isOver = held.client.closed || performance.now() - held.since > HELD_MS;
    const next = isOver ? undefined : waiting.shift();
    if (next) next(held);
    else if (isOver || idle) end(held);
    else {
      inUse--;
      idle = { held, end: setTimeout(() => letGo(held), IDLE_MS) };
    }
  }

  function end(held: Held): void {
    held.stream.close();
    inUse--;
    waiting.shift()?.(open());
  }

  function letGo(held: Held): void {
    idle = null;
    held.stream.close();
  }
}

const BEGIN = { read: "BEGIN TRANSACTION READONLY", write: "BEGIN IMMEDIATE" } as const;

/** Each statement runs only if the one before it did; whatever was refused takes everything back. */
async function inTransaction(
  stream: WsStream,
  queries: readonly Query[],
  mode: Mode,
): Promise<readonly (readonly Cells[])[]> {
  const batch = stream.batch();
  let last = batch.step();
  const begun = last.run(BEGIN[mode]);
  const asked = queries.map(({ sql, args }) => {
    const step = batch.step().condition(BatchCond.ok(last));
    last = step;
    return step.query([sql, [...args]]);
  });
  const commit = batch.step().condition(BatchCond.ok(last));
  const committed = commit.run("COMMIT");
  const rollback = batch.step().condition(BatchCond.not(BatchCond.ok(commit)));
  // What was refused is known already; where nothing began there is nothing to take back.
  rollback.run("ROLLBACK").catch(() => {});
  const [results] = await Promise.all([Promise.all(asked), begun, committed, batch.execute()]);
  return results.map((result) => {
    if (!result) throw new Error("the server left a statement out");
    return result.rows.map((row) => Array.from(row) as Cells);
  });
}
