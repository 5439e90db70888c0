import type { Cell } from "./database.ts";
import type { FileDriver, Prepared } from "./file-driver.ts";
import type { Row, Table } from "./tables.ts";

/**
 * Writes rows of one table to a file. Binding a cell costs the driver more than storing it, so each pattern of empty
 * cells has a statement of its own in which they are written out; a handful of patterns is all that occurs.
 */
export class RowWriter {
  readonly #db: FileDriver;
  readonly #table: Table;
  /** What follows an insert when the row is there already. */
  readonly #conflict: string;
  readonly #inserts = new Map<number, Prepared>();
  readonly #updates = new Map<string, Map<number, Prepared>>();

  constructor(db: FileDriver, table: Table, conflict: string) {
    this.#db = db;
    this.#table = table;
    this.#conflict = conflict;
  }

  insert(row: Row): void {
    const empty = emptyIn(row, 0, row.length);
    let statement = this.#inserts.get(empty);
    if (!statement) {
      const { name, columns } = this.#table;
      const filled = columns.filter((_, index) => !isEmpty(empty, index));
      const marks = filled.map(() => "?").join(", ");
      statement = this.#db.statement(
        `insert into ${name} (${filled.join(", ")}) values (${marks}) ${this.#conflict}`,
      );
      this.#inserts.set(empty, statement);
    }
    statement.run(filledIn(row, 0, row.length));
  }

  /** Replaces the columns from `from` to before `to` of the row with this one's key. */
  update(row: Row, from: number, to = row.length): void {
    const empty = emptyIn(row, from, to);
    const range = `${from}-${to}`;
    let statements = this.#updates.get(range);
    if (!statements) {
      statements = new Map();
      this.#updates.set(range, statements);
    }
    let statement = statements.get(empty);
    const { name, columns, key } = this.#table;
    if (!statement) {
      const changes = columns
        .slice(from, to)
        .map((column, index) => `${column} = ${isEmpty(empty, index) ? "null" : "?"}`);
      const where = key.map((column) => `${column} = ?`).join(" and ");
      statement = this.#db.statement(`update ${name} set ${changes.join(", ")} where ${where}`);
      statements.set(empty, statement);
    }
    statement.run([...filledIn(row, from, to), ...row.slice(0, key.length)]);
  }
}

/** A bit for each empty cell; no table has more than thirty-two columns. */
function emptyIn(row: Row, from: number, to: number): number {
  let empty = 0;
  for (let i = from; i < to; i++) if (row[i] === null) empty |= 1 << (i - from);
  return empty;
}

function isEmpty(empty: number, index: number): boolean {
  return (empty & (1 << index)) !== 0;
}

function filledIn(row: Row, from: number, to: number): Cell[] {
  const filled: Cell[] = [];
  for (let i = from; i < to; i++) {
    const cell = row[i];
    if (cell !== null && cell !== undefined) filled.push(cell);
  }
  return filled;
}
