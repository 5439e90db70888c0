import type { Cells, Query } from "../../src/adapters/libsql/database.ts";
import { FileDriver, type Prepared } from "../../src/adapters/libsql/file-driver.ts";
import { migrate } from "../../src/adapters/libsql/migrate.ts";
import { migrationsDir } from "../../src/main/places.ts";

/** A transaction as a part of the one that is never kept. */
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  "begin immediate": ["savepoint inside"],
  commit: ["release inside"],
  rollback: ["rollback to inside", "release inside"],
};

/** The name of a batch, which its statements have in their text. */
const BATCH = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/**
 * A database in memory that is brought up to date once and used again and again: everything that is done to it is part
 * of one transaction, which `rewind` takes back. Its prepared statements stay.
 */
export class RewoundDatabase extends FileDriver {
  static async open(): Promise<RewoundDatabase> {
    const db = new RewoundDatabase();
    db.exec("pragma foreign_keys = on");
    await migrate(db, migrationsDir, 0);
    db.#isInside = true;
    db.exec("begin");
    return db;
  }

  #isInside = false;

  private constructor() {
    super(":memory:");
  }

  /** As it was when it was opened. Nobody may be at work on it. */
  rewind(): void {
    this.exec("rollback");
    this.exec("begin");
  }

  override statement(sql: string): Prepared {
    const inside = this.#isInside ? INSIDE[sql] : undefined;
    if (!inside) return super.statement(sql);
    const statements = inside.map((each) => super.statement(each));
    return {
      run: () => {
        for (const statement of statements) statement.run([]);
        return { changes: 0 };
      },
      all: () => [],
    };
  }

  /** All batches have one name, since one ends before the next begins: or each statement would be prepared and kept anew. */
  override write(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]> {
    const name = queries.map(({ sql }) => BATCH.exec(sql)?.[0]).find((found) => found !== undefined);
    if (name === undefined) return super.write(queries);
    return super.write(
      queries.map(({ sql, args }) => ({
        sql: sql.replaceAll(name, "batch"),
        args: args.map((arg) => (arg === name ? "batch" : arg)),
      })),
    );
  }

  /** Whoever is done with the store on it leaves it open for the next. */
  override async close(): Promise<void> {}
}
