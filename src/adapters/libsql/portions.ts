import type { Cells } from "./database.ts";

/** About how many characters go to a server at once: it takes no value of five megabytes, and no message of sixteen. */
export const MOST_CHARACTERS = 300_000;

/** Rows as JSON lists of bounded length; a row that is longer is a list of its own. */
export function portions(rows: readonly unknown[]): readonly string[] {
  const texts = rows.map((row) => JSON.stringify(row));
  return cut(texts, (text) => text.length, Number.POSITIVE_INFINITY).map((list) => `[${list.join(",")}]`);
}

/** Rows of bounded length, at most so many, together; a row that is longer is alone. */
export function rowPortions(rows: readonly Cells[], most: number): readonly (readonly Cells[])[] {
  return cut(rows, (row) => charactersIn([row]), most);
}

function cut<T>(all: readonly T[], lengthOf: (one: T) => number, most: number): readonly (readonly T[])[] {
  const parts: T[][] = [];
  let part: T[] = [];
  let room = 0;
  for (const one of all) {
    const length = lengthOf(one);
    if (room < length || part.length === 0 || part.length === most) {
      part = [];
      parts.push(part);
      room = MOST_CHARACTERS;
    }
    part.push(one);
    room -= length;
  }
  return parts;
}

/** How many characters these rows hold. */
export function charactersIn(rows: readonly Cells[]): number {
  let sum = 0;
  for (const row of rows)
    for (let i = 0; i < row.length; i++) {
      const cell = row[i];
      if (typeof cell === "string") sum += cell.length;
    }
  return sum;
}
