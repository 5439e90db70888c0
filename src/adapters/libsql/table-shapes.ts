import { type Cells, isTooLarge } from "./database.ts";

/** Asks one question of a database. */
export type Ask = (sql: string, args: Cells) => Promise<readonly Cells[]>;

/** A table as a copy needs it. */
export type TableShape = {
  readonly name: string;
  readonly sql: string;
  /** Those that are stored. */
  readonly columns: readonly string[];
  /** What its rows are listed by. */
  readonly key: readonly string[];
  readonly primaryKey: readonly string[];
  readonly refersTo: readonly { readonly table: string; readonly column: string }[];
};

/** A database's tables, each behind those it refers to, and everything else that was created in it. */
export type Shape = { readonly tables: readonly TableShape[]; readonly others: readonly string[] };

const OURS = "name not like 'sqlite\\_%' escape '\\' and name not like 'libsql\\_%' escape '\\'";
const OBJECTS = `select type, name, sql from sqlite_master where sql is not null and ${OURS} order by rowid`;
const TABLES = `(select name from sqlite_master where type = 'table' and ${OURS}) m`;
const COLUMNS = `select m.name, c.name, c.pk from ${TABLES} join pragma_table_xinfo(m.name) c
where c.hidden = 0 order by m.name, c.cid`;
const REFERENCES = `select m.name, r."table", r."from" from ${TABLES} join pragma_foreign_key_list(m.name) r
order by m.name, r.id, r.seq`;

/** What a database consists of: three questions, however many tables it has. */
export async function shapeOf(ask: Ask): Promise<Shape> {
  const objects = await ask(OBJECTS, []);
  const columns = Map.groupBy(await ask(COLUMNS, []), ([table]) => table);
  const references = Map.groupBy(await ask(REFERENCES, []), ([table]) => table);
  const tables = objects
    .filter(([type]) => type === "table")
    .map(([, name, sql]) =>
      tableFrom(String(name), String(sql), columns.get(name) ?? [], references.get(name) ?? []),
    );
  return {
    tables: inOrder(tables),
    others: objects.filter(([type]) => type !== "table").map(([, , sql]) => String(sql)),
  };
}

function tableFrom(
  name: string,
  sql: string,
  columns: readonly Cells[],
  references: readonly Cells[],
): TableShape {
  const primaryKey = columns
    .filter(([, , place]) => Number(place) > 0)
    .sort(([, , a], [, , b]) => Number(a) - Number(b))
    .map(([, column]) => String(column));
  return {
    name,
    sql,
    columns: columns.map(([, column]) => String(column)),
    key: /without\s+rowid/i.test(sql) ? primaryKey : ["rowid"],
    primaryKey,
    refersTo: references
      .map(([, table, column]) => ({ table: String(table), column: String(column) }))
      .filter(({ table }) => table !== name),
  };
}

function inOrder(tables: readonly TableShape[]): readonly TableShape[] {
  const left = new Map(tables.map((table) => [table.name, table]));
  const ordered: TableShape[] = [];
  const place = (table: TableShape) => {
    if (!left.delete(table.name)) return;
    for (const reference of table.refersTo) {
      const other = left.get(reference.table);
      if (other) place(other);
    }
    ordered.push(table);
  };
  for (const table of tables) place(table);
  return ordered;
}

/** Servers refuse answers above ten megabytes. */
const MOST_ROWS = 500;

/** Some of a table's rows: a condition and what its `?` stand for. */
export type Part = { readonly where: string; readonly args: readonly (string | number)[] };

const ALL: Part = { where: "true", args: [] };

/** The rows of a table, or of a part of it, page by page, in the order of its key. */
export async function* pagesOf(
  ask: Ask,
  table: TableShape,
  part: Part = ALL,
): AsyncGenerator<readonly Cells[]> {
  const key = table.key.map(quoted);
  const wanted = [...key, ...table.columns.map(quoted)].join(", ");
  const marks = key.map(() => "?").join(", ");
  let after: Cells | null = null;
  let limit = MOST_ROWS;
  for (;;) {
    const behind: string = after === null ? "" : `and (${key.join(", ")}) > (${marks})`;
    let rows: readonly Cells[];
    try {
      rows = await ask(
        `select ${wanted} from ${quoted(table.name)} where ${part.where} ${behind} ` +
          `order by ${key.join(", ")} limit ${limit}`,
        [...part.args, ...((after ?? []) as readonly (string | number)[])],
      );
    } catch (error) {
      if (limit === 1 || !isTooLarge(error)) throw error;
      limit = Math.ceil(limit / 8);
      continue;
    }
    const last = rows.at(-1);
    if (!last) return;
    after = last.slice(0, key.length);
    yield rows.map((row) => row.slice(key.length));
    limit = Math.min(MOST_ROWS, limit * 2);
  }
}

/** An identifier as SQL writes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
