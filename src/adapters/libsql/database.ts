export type Cell = string | number | null;
export type Cells = readonly Cell[];
export type Query = {
  readonly sql: string;
  readonly args: readonly Cell[];
  /** At most one row is wanted: cheaper in a file. */
  readonly single?: boolean;
  /** The same with each row as one JSON text: cheaper from a server, which describes every column and every cell. */
  readonly packed?: string;
};

/** A query of many columns, or of many rows; `rest` begins with "from". No column is a `real`: packed it loses digits. */
export function wide(columns: string, rest: string): Pick<Query, "sql" | "packed"> {
  return { sql: `select ${columns} ${rest}`, packed: `select json_array(${columns}) ${rest}` };
}

/** What both drivers can do; rows are lists of cells in the order of the selected columns. */
export type Database = {
  /** Answers all queries from one state of the database, in one round trip. */
  read(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]>;
  /** Runs all statements in one transaction; a statement's rows are what its `returning` says. */
  write(queries: readonly Query[]): Promise<readonly (readonly Cells[])[]>;
  /** What became of the latest write: `null` when it was kept, or refused by a constraint. */
  readonly writeFailure: Error | null;
  close(): Promise<void>;
};

/** One query's rows. */
export async function select(
  db: Database,
  query: string | ReturnType<typeof wide>,
  args: readonly Cell[],
): Promise<readonly Cells[]> {
  const [rows = []] = await db.read([typeof query === "string" ? { sql: query, args } : { ...query, args }]);
  return rows;
}

/** One statement in a transaction of its own; its `returning` rows. */
export async function change(db: Database, sql: string, args: readonly Cell[]): Promise<readonly Cells[]> {
  const [rows = []] = await db.write([{ sql, args }]);
  return rows;
}

/** True for an error that says the statement itself is wrong: trying again would fail again. */
export function isConstraint(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = error instanceof Error ? error.message : "";
  return (
    code.startsWith("SQLITE_CONSTRAINT") ||
    /constraint failed|cannot store .* value/.test(message) ||
    isTooLong(error)
  );
}

/** True for a value that a server takes in no row (sqld: above five megabytes). */
export function isTooLong(error: unknown): boolean {
  return error instanceof Error && /string or blob too big/.test(error.message);
}

/** True for an error that says somebody else has the database locked. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    (/SQLITE_BUSY|SQLITE_LOCKED/.test("code" in error ? String(error.code) : "") ||
      // A server that has enough to do (429) has not begun with what it was asked for.
      /database is locked|HTTP status 429/.test(error.message))
  );
}

/** True for an answer that a server refuses to give as one (sqld: above ten megabytes). */
export function isTooLarge(error: unknown): boolean {
  return error instanceof Error && /response is too large/i.test(error.message);
}

/** True for an error of the disk that may pass: it has no room, or does not do what it should. */
export function isDisk(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^SQLITE_(FULL|IOERR)|^(ENOSPC|EDQUOT|EFBIG|EIO)$/.test(code);
}

/** One sentence for a driver's error. */
export function whatFailed(error: unknown): string {
  return `the database did not answer: ${error instanceof Error ? error.message : String(error)}`;
}
