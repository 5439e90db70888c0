import { existsSync } from "node:fs";
import { DatabaseSync, StatementSync } from "node:sqlite";
import type { Cells, Database, Query } from "./database.ts";

/**
 * A database file that is only read, by a process that opens no other: nothing on the disk changes, whatever is asked.
 * Node's own SQLite, because the other driver opens every file for writing, and takes twice as long for many rows.
 * Throws for a file that is not there, and on a Node.js whose SQLite cannot do it yet.
 */
export class ReadOnlyFile implements Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly writeFailure = null;

  constructor(path: string) {
    if (!existsSync(path)) throw new Error(`there is no file ${path}`);
    if (!("setReturnArrays" in StatementSync.prototype))
      throw new Error(`a database file is read with Node.js 24 or newer; this is ${process.version}`);
    this.#connection = new DatabaseSync(path, { readOnly: true });
    this.#connection.exec("pragma cache_size = -65536");
  }

  async read(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]> {
    // One state for all of them: nobody writes to the file meanwhile, or it would be in use.
    return queries.map(({ sql, args }) => this.#statement(sql).all(...args) as unknown as readonly Cells[]);
  }

  async write(): Promise<never> {
    throw new Error("this database is only read");
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#connection.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
