import type { Cursors } from "../../engine/ports/cursors.ts";
import { type Database, type Query, select } from "./database.ts";

const ADVANCE = `insert into workflow_cursors (name, position) values (?1, ?2)
on conflict (name) do update set position = excluded.position where excluded.position > workflow_cursors.position`;

/** How far somebody has worked through the events of all runs. */
export function cursors(db: Database): Cursors {
  return {
    async read(name) {
      const [row] = await select(db, "select position from workflow_cursors where name = ?", [name]);
      return row ? Number(row[0]) : null;
    },
    async advance(name, to) {
      await db.write([advancing(name, to)]);
    },
  };
}

/** Moves a cursor on, in the transaction of what was done up to there; never back. */
export function advancing(name: string, to: number): Query {
  return { sql: ADVANCE, args: [name, to] };
}
