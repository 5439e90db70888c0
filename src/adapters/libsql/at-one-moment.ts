import { type Client, createClient } from "@libsql/client";
import { StoreUnavailable } from "../../engine/errors.ts";
import { type Cell, type Cells, isTooLarge, type Query, whatFailed } from "./database.ts";
import type { Ask } from "./table-shapes.ts";

/** Where a libSQL server is. */
export type ServerAddress = { readonly url: string; readonly authToken?: string };

/** After so long a question is given up: nobody knows what became of it. */
const TIMEOUT_MS = 15_000;

/** Asks a server one question after the other, all of one state of its database: what others write meanwhile is not seen. */
export async function atOneMoment<T>(address: ServerAddress, body: (ask: Ask) => Promise<T>): Promise<T> {
  const client = createClient({ ...address, intMode: "number" });
  try {
    return await body(await consistentReader(client));
  } finally {
    client.close();
  }
}

async function consistentReader(client: Client): Promise<Ask> {
  try {
    const transaction = await inTime(client.transaction("read"));
    // It begins with its first question, and would be over if that were refused.
    await inTime(transaction.execute("select 1"));
    return async (sql, args) => {
      const { rows } = await inTime(transaction.execute({ sql, args: [...args] }));
      return rows.map((row) => Array.from(row).map(cellOf));
    };
  } catch (cause) {
    throw new StoreUnavailable(whatFailed(cause), { cause });
  }
}

function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

function cellOf(value: unknown): Cell {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new Error(`a value of type ${typeof value} cannot be copied`);
}

/** Rows that are asked for at once, where all of them are too many. */
const MOST_ROWS = 500;

/** The rows of each query, however many and large they are; only a single row has to fit into one answer. */
export async function answeredInParts(
  address: ServerAddress,
  queries: readonly Query[],
): Promise<readonly (readonly Cells[])[]> {
  return atOneMoment(address, async (ask) => {
    const answers: (readonly Cells[])[] = [];
    for (const query of queries) answers.push(await rowsInParts(ask, query));
    return answers;
  });
}

async function rowsInParts(ask: Ask, { sql, args }: Query): Promise<readonly Cells[]> {
  try {
    return await ask(sql, args);
  } catch (error) {
    if (!isTooLarge(error)) throw error;
  }
  const rows: Cells[] = [];
  for (let limit = MOST_ROWS; ; )
    try {
      const some = await ask(`select * from (${sql}) limit ${limit} offset ${rows.length}`, args);
      rows.push(...some);
      if (some.length < limit) return rows;
      limit = Math.min(MOST_ROWS, limit * 2);
    } catch (error) {
      if (limit === 1 || !isTooLarge(error)) throw error;
      limit = Math.ceil(limit / 8);
    }
}
