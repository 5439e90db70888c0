import { DatabaseSync } from "node:sqlite";
import type { Cell } from "../../src/adapters/libsql/database.ts";
import type { Connection } from "../../src/adapters/libsql/file-driver.ts";

/** This SQLite plans anew for each limit that is bound, which takes ten times as long as the statement; not for a computed one. */
const LIMIT = /\blimit (\?\d*)/g;

/**
 * A connection by Node's own SQLite instead of the driver that Station ships: the same statements with the same answers
 * for four fifths of the processor time of a simulated run.
 */
export function nodeConnection(path: string): Connection {
  const db = new DatabaseSync(path);
  return {
    exec: (sql) => db.exec(sql),
    close: () => db.close(),
    get open() {
      return db.isOpen;
    },
    get inTransaction() {
      return db.isTransaction;
    },
    prepare: (sql) => {
      const statement = db.prepare(sql.replaceAll(LIMIT, "limit ($1 + 0)"));
      const reader = statement.columns().length > 0;
      statement.setReturnArrays(true);
      const prepared = {
        reader,
        raw: () => prepared,
        run: (args: readonly Cell[]) => statement.run(...args),
        all: (args: readonly Cell[]) => statement.all(...args),
        get: (args: readonly Cell[]) => statement.get(...args),
      };
      return prepared;
    },
  };
}
