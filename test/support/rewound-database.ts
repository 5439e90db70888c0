import { type Connection, FileDriver, type Prepared } from "../../src/adapters/libsql/file-driver.ts";
import { migrate } from "../../src/adapters/libsql/migrate.ts";
import { migrationsDir } from "../../src/main/places.ts";

/** A transaction as a part of the one that is never kept. */
const INSIDE: Readonly<Record<string, readonly string[]>> = {
  "begin immediate": ["savepoint inside"],
  commit: ["release inside"],
  rollback: ["rollback to inside", "release inside"],
};

/**
 * A database in memory that is brought up to date once and used again and again: everything that is done to it is part
 * of one transaction, which `rewind` takes back. Its prepared statements stay.
 */
export class RewoundDatabase extends FileDriver {
  /** `connect`: by another driver than the one that Station ships. */
  static async open(connect?: (path: string) => Connection): Promise<RewoundDatabase> {
    const db = new RewoundDatabase(connect);
    db.exec("pragma foreign_keys = on");
    await migrate(db, migrationsDir, 0);
    db.#isInside = true;
    db.exec("begin");
    return db;
  }

  #isInside = false;
  readonly #inside = new Map<string, Prepared>();

  private constructor(connect?: (path: string) => Connection) {
    super(":memory:", undefined, connect);
  }

  /** As it was when it was opened. Nobody may be at work on it. */
  rewind(): void {
    this.exec("rollback");
    this.exec("begin");
  }

  override statement(sql: string): Prepared {
    if (!this.#isInside || !Object.hasOwn(INSIDE, sql)) return super.statement(sql);
    const known = this.#inside.get(sql);
    if (known) return known;
    const statements = (INSIDE[sql] ?? []).map((each) => super.statement(each));
    const all: Prepared = {
      run: () => {
        for (const statement of statements) statement.run([]);
        return { changes: 0 };
      },
      all: () => [],
    };
    this.#inside.set(sql, all);
    return all;
  }

  /** Whoever is done with the store on it leaves it open for the next. */
  override async close(): Promise<void> {}
}
