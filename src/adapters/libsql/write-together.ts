import { type Database, isConstraint, type Query } from "./database.ts";

type Waiting = {
  readonly queries: readonly Query[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

const MOST = 64;
/** Of all texts of a group, unless the first alone has more: a server hangs up on a message of 16 MB. */
const MOST_CHARACTERS = 1_000_000;

/**
 * Writes that are ready together share a transaction, as far as a server takes them as one. One that breaks a constraint fails alone: the others of its
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
      await write(waiting.splice(0, fitting(waiting)));
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

/** How many of those that wait go together. */
function fitting(waiting: readonly Waiting[]): number {
  let characters = 0;
  for (const [index, { queries }] of waiting.entries()) {
    characters += charactersOf(queries);
    if (index === MOST || (index > 0 && characters > MOST_CHARACTERS)) return index;
  }
  return waiting.length;
}

function charactersOf(queries: readonly Query[]): number {
  const texts = queries.flatMap(({ args }) => args).filter((cell) => typeof cell === "string");
  return texts.reduce((sum, text) => sum + text.length, 0);
}
