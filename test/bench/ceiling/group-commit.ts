import type { Change, WriteGroup } from "./changes.ts";

const MOST = 64;

type Waiting = { readonly change: Change; resolve(held: boolean): void; reject(error: unknown): void };

/** Changes that are ready together share a transaction; the next group begins when the last one is written. */
export function groupCommit(write: WriteGroup): (change: Change) => Promise<boolean> {
  const waiting: Waiting[] = [];
  let isFlushing = false;

  const flush = async () => {
    const group = waiting.splice(0, MOST);
    try {
      const written = write(group.map(({ change }) => change));
      // A file is written by the time the call returns: no detour over the microtask queue.
      const held = written instanceof Promise ? await written : written;
      for (const [index, { resolve }] of group.entries()) resolve(held[index] ?? false);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    if (waiting.length > 0) setImmediate(flush);
    else isFlushing = false;
  };

  return (change) =>
    new Promise((resolve, reject) => {
      waiting.push({ change, resolve, reject });
      if (isFlushing) return;
      isFlushing = true;
      setImmediate(flush);
    });
}
