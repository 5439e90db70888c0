import Libsql from "libsql";
import { StoreUnavailable } from "../../engine/errors.ts";
import { type Cell, type Cells, type Database, isConstraint, type Query, whatFailed } from "./database.ts";

/** A prepared statement of the native driver; rows are lists of cells. */
export type Prepared = {
  run(args: readonly Cell[]): { readonly changes: number };
  all(args: readonly Cell[]): readonly Cells[];
};

type First = { get(args: readonly Cell[]): Cells | undefined };

/** What is asked of the native driver. */
export type Connection = {
  /** `reader`: it answers rows, which `raw` makes lists of cells. */
  prepare(sql: string): { readonly reader: boolean; raw(isRaw: true): unknown };
  exec(sql: string): unknown;
  close(): unknown;
  readonly open: boolean;
  readonly inTransaction: boolean;
};

function nativeConnection(path: string): Connection {
  return new Libsql(path, { timeout: 100 } as Libsql.Options);
}

/** The native driver on one connection. All of it is synchronous: whoever calls it blocks the process. */
export class FileDriver implements Database {
  readonly #connection: Connection;
  readonly #statements = new Map<string, Prepared>();
  readonly #firsts = new Map<string, First>();
  readonly #closing: { before(db: FileDriver): void; after(): void };
  writeFailure: Error | null = null;

  /** `path` may be `:memory:`. `closing` is done around the connection's end. */
  constructor(
    path: string,
    closing = { before: (_: FileDriver) => {}, after: () => {} },
    connect = nativeConnection,
  ) {
    this.#connection = connect(path);
    this.#closing = closing;
  }

  /** Prepares a statement once and keeps it. */
  statement(sql: string): Prepared {
    let statement = this.#statements.get(sql);
    if (!statement) {
      const fresh = this.#connection.prepare(sql);
      // `raw` is refused for statements that answer no rows.
      statement = (fresh.reader ? fresh.raw(true) : fresh) as unknown as Prepared;
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * The first row. Asked through a statement of its own: the driver leaves one whose rows were listed (`all`) in a state
   * in which `get` finds nothing.
   */
  first(sql: string, args: readonly Cell[]): Cells | undefined {
    let statement = this.#firsts.get(sql);
    if (!statement) {
      statement = this.#connection.prepare(sql).raw(true) as unknown as First;
      this.#firsts.set(sql, statement);
    }
    return statement.get(args);
  }

  /** Runs SQL that is used once: pragmas, migrations. */
  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  /**
   * Carries everything committed into the file itself, which from then on stays as it is; commits gather in the
   * write-ahead log. Call what it answers to go on as before.
   */
  holdCheckpoints(): () => void {
    const every = Number(this.statement("pragma wal_autocheckpoint").all([])[0]?.[0]);
    this.exec("pragma wal_autocheckpoint = 0");
    const carriesOn = () => {
      if (this.#connection.open) this.exec(`pragma wal_autocheckpoint = ${every}`);
    };
    try {
      const [row] = this.statement("pragma wal_checkpoint(truncate)").all([]);
      if (row?.[0] !== 0) throw new Error("the write-ahead log could not be carried over");
    } catch (error) {
      carriesOn();
      throw error;
    }
    return carriesOn;
  }

  /** Runs `body` in one write transaction; rolls back and rethrows whatever it throws. */
  transaction<T>(body: () => T): T {
    this.statement("begin immediate").run([]);
    try {
      const result = body();
      this.statement("commit").run([]);
      this.writeFailure = null;
      return result;
    } catch (error) {
      this.writeFailure = isConstraint(error) ? null : unavailable(error);
      this.#rollBack();
      throw error;
    }
  }

  read(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]> {
    return settled(() => queries.map((query) => this.#select(query)));
  }

  write(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]> {
    return settled(() =>
      this.transaction(() => queries.map(({ sql, args }) => this.#rowsOf(this.statement(sql), args))),
    );
  }

  async close(): Promise<void> {
    if (!this.#connection.open) return;
    try {
      this.#closing.before(this);
    } finally {
      this.abandon();
      this.#closing.after();
    }
  }

  /** Closes the connection and nothing else. */
  abandon(): void {
    this.#statements.clear();
    this.#firsts.clear();
    this.#connection.close();
  }

  #select({ sql, args, single }: Query): readonly Cells[] {
    if (!single) return this.statement(sql).all(args);
    const row = this.first(sql, args);
    return row ? [row] : [];
  }

  #rowsOf(statement: Prepared & { readonly reader?: boolean }, args: readonly Cell[]): readonly Cells[] {
    if (statement.reader) return statement.all(args);
    statement.run(args);
    return [];
  }

  #rollBack(): void {
    // A failed commit may have rolled back by itself.
    if (this.#connection.inTransaction) this.statement("rollback").run([]);
  }
}

/** The answer of a synchronous call as a promise; anything but a wrong statement means the database is away. */
function settled<T>(call: () => T): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (error) {
    return Promise.reject(isConstraint(error) ? error : unavailable(error));
  }
}

function unavailable(cause: unknown): StoreUnavailable {
  return new StoreUnavailable(whatFailed(cause), { cause });
}
