/** Characters of one list; a server refuses values of a few megabytes. */
const MOST_CHARACTERS = 300_000;

/** Rows as JSON lists of bounded length; a row that is longer is a list of its own. */
export function portions(rows: readonly unknown[]): readonly string[] {
  const lists: string[][] = [];
  let room = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (room < text.length) {
      lists.push([]);
      room = MOST_CHARACTERS;
    }
    lists.at(-1)?.push(text);
    room -= text.length;
  }
  return lists.map((list) => `[${list.join(",")}]`);
}
