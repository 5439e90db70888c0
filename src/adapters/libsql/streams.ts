import {
  BatchCond,
  type BatchStep,
  openWs,
  parseLibsqlUrl,
  type RowsResult,
  type WsClient,
  type WsStream,
} from "@libsql/hrana-client";
import type { Cells, Query } from "./database.ts";
import { charactersIn } from "./portions.ts";

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

/** Characters of one message, of up to three bytes each: a server hangs up on one of 16 MB. */
const MOST_CHARACTERS = 4_000_000;

/** Usually one message does everything; what is more than a server takes as one comes in several. */
async function inTransaction(
  stream: WsStream,
  queries: readonly Query[],
  mode: Mode,
): Promise<readonly (readonly Cells[])[]> {
  const messages = messagesOf(queries);
  if (messages.length === 1) return sent(stream, queries, { begin: BEGIN[mode], commit: true });
  const answers: (readonly Cells[])[] = [];
  for (const [index, some] of messages.entries())
    answers.push(
      ...(await sent(stream, some, {
        begin: index === 0 ? BEGIN[mode] : null,
        commit: index === messages.length - 1,
      })),
    );
  return answers;
}

function messagesOf(queries: readonly Query[]): readonly (readonly Query[])[] {
  const messages: Query[][] = [[]];
  let characters = 0;
  for (const query of queries) {
    const size = charactersIn([query.args]);
    characters += size;
    if (characters > MOST_CHARACTERS && characters > size) {
      messages.push([]);
      characters = size;
    }
    messages.at(-1)?.push(query);
  }
  return messages;
}

/** Each statement runs only if the one before it did; whatever was refused takes everything back. */
async function sent(
  stream: WsStream,
  queries: readonly Query[],
  { begin, commit }: { readonly begin: string | null; readonly commit: boolean },
): Promise<readonly (readonly Cells[])[]> {
  const batch = stream.batch();
  const asked: Promise<RowsResult | undefined>[] = [];
  let last: BatchStep | undefined;
  const statements = [
    ...(begin === null ? [] : [{ sql: begin, args: [] }]),
    ...queries,
    ...(commit ? [{ sql: "COMMIT", args: [] }] : []),
  ];
  for (const { sql, args } of statements) {
    const step = batch.step();
    if (last) step.condition(BatchCond.ok(last));
    last = step;
    asked.push(step.query([sql, [...args]]));
  }
  // What was refused is known already; where nothing began there is nothing to take back.
  if (last)
    batch
      .step()
      .condition(BatchCond.not(BatchCond.ok(last)))
      .run("ROLLBACK")
      .catch(() => {});
  const [results] = await Promise.all([Promise.all(asked), batch.execute()]);
  const from = begin === null ? 0 : 1;
  return results.slice(from, from + queries.length).map((result) => {
    if (!result) throw new Error("the server left a statement out");
    return result.rows.map((row) => Array.from(row) as Cells);
  });
}
