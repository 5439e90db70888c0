import type { Cell, Query } from "./database.ts";
import { rowPortions } from "./portions.ts";

/** Rows of several transitions, each behind the number of its transition in the group. */
export type Listed = readonly (readonly Cell[])[];

/** Rows that one statement carries. */
const ROWS_AT_ONCE = 500;

/**
 * A statement per portion of rows. `sql` is given the source of the rows: a table `j` with `column1` (the number of the
 * transition), `column2` and so on, joined as `a` with the transitions that were let through.
 */
export function perPortion(batch: string, rows: Listed, sql: (source: string) => string): readonly Query[] {
  return rowPortions(rows, ROWS_AT_ONCE).map((portion) => ({
    sql: sql(`from ${source(portion, "?1", "j")} ${join(batch)}`),
    args: [textOf(portion)],
  }));
}

/** Rows as the JSON text a statement is given. Half a surrogate pair is no character, and none can be stored. */
export function textOf(rows: Listed): string {
  const text = JSON.stringify(rows);
  if (!text.includes("\\ud")) return text;
  return JSON.stringify(
    rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell.toWellFormed() : cell))),
  );
}

/**
 * The table `name` of rows that `parameter` holds as a JSON text. One text, because a server compiles every statement
 * anew: a list of bound values is a SELECT per row to it, and joining it with a table a plan for each of them.
 */
export function source(rows: Listed, parameter: string, name: string): string {
  const columns = Array.from(rows[0] ?? [], (_, index) => `value ->> ${index} as column${index + 1}`);
  return `(select ${columns.join(", ")} from json_each(${parameter})) ${name}`;
}

/** The batch's name is our own and safe to stand in the text. */
function join(batch: string): string {
  return `cross join workflow_accepted a on a.batch = '${batch}' and a.item = j.column1`;
}
