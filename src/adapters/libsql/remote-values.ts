import type { Cell, Query } from "./database.ts";

/** Rows of several transitions, each behind the number of its transition in the group. */
export type Listed = readonly (readonly Cell[])[];

/** Rows that one statement carries: some thousand bound values, far below what the database allows. */
const ROWS_AT_ONCE = 200;

/**
 * A statement per portion of rows. `sql` is given the source of the rows: a table `j` with `column1` (the number of the
 * transition), `column2` and so on, joined as `a` with the transitions that were let through. The values are bound one by
 * one: a server reads them several times faster than out of a JSON text.
 */
export function perPortion(batch: string, rows: Listed, sql: (source: string) => string): readonly Query[] {
  const queries: Query[] = [];
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const portion = rows.slice(from, from + ROWS_AT_ONCE);
    queries.push({ sql: sql(`${values(portion)} ${join(batch)}`), args: portion.flat() });
  }
  return queries;
}

/** `from (values (?, …), …) j`. */
export function values(rows: Listed): string {
  const row = `(${Array(rows[0]?.length ?? 0)
    .fill("?")
    .join(", ")})`;
  return `from (values ${Array(rows.length).fill(row).join(", ")}) j`;
}

/** The batch's name is our own and safe to stand in the text. */
function join(batch: string): string {
  return `cross join workflow_accepted a on a.batch = '${batch}' and a.item = j.column1`;
}
