import { type Database, isConstraint, type Query } from "./database.ts";

type Waiting = {
  readonly queries: readonly Query[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

const MOST = 64;

/**
 * Writes that are ready together share a transaction. One that breaks a constraint fails alone: the others of its
 * group are then written one by one.
 */
export function writeTogether(db: Database): (queries: readonly Query[]) => Promise<void> {
  const waiting: Waiting[] = [];
  let isFlushing = false;

  async function flush(): Promise<void> {
    if (isFlushing) return;
    isFlushing = true;
    while (waiting.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      await write(waiting.splice(0, MOST));
    }
    isFlushing = false;
  }

  async function write(group: readonly Waiting[]): Promise<void> {
    try {
      await db.write(group.flatMap(({ queries }) => queries));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length > 1 && isConstraint(error)) for (const one of group) await write([one]);
      else for (const { reject } of group) reject(error);
    }
  }

  return (queries) =>
    new Promise((resolve, reject) => {
      waiting.push({ queries, resolve, reject });
      void flush(); // never rejects: each write has its own answer
    });
}
