import { setTimeout as delay } from "node:timers/promises";
import { createClient, type Transaction } from "@libsql/client";
import type { ServerAddress } from "./at-one-moment.ts";

/** How long a server may take to let in connections that it has room for. */
const PATIENCE_MS = 2_000;
/** How long one that is too many is waited for: others that need a connection wait meanwhile. */
const HELD_MS = 500;

/**
 * True when a server lets a third connection in beside two. They only read: enough of writers, which would show what
 * comes of it, hang the server for everybody.
 */
export async function takesThree({ url, authToken }: ServerAddress): Promise<boolean> {
  // Over a web socket sqld hangs up on all of its streams when one waits too long.
  const client = createClient({
    url: url.replace(/^ws/, "http"),
    ...(authToken !== undefined && { authToken }),
  });
  const held: Transaction[] = [];
  const open = async (): Promise<true> => {
    const transaction = await client.transaction("read");
    held.push(transaction);
    // It begins with its first question.
    await transaction.execute("select 1");
    return true;
  };
  const close = () => held.splice(0).map((transaction) => transaction.close());
  try {
    if (!(await within(PATIENCE_MS, Promise.all([open(), open()])))) return false;
    const third = open();
    const isIn = await within(HELD_MS, third);
    close();
    await within(PATIENCE_MS, third);
    return isIn;
  } finally {
    close();
    client.close();
  }
}

/** True when it is done in time; what is refused is not. */
function within(ms: number, done: Promise<unknown>): Promise<boolean> {
  const isDone = done.then(
    () => true,
    () => false,
  );
  return Promise.race([isDone, delay(ms, false, { ref: false })]);
}
