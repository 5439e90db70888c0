import type { FileDriver } from "./file-driver.ts";
import { EVENTS, insert, type Row, type Table } from "./tables.ts";

/** Events written by one statement. */
const AT_ONCE = 16;

/** Nearly every event: nothing in it is kept apart, so there is one cell less to bind. */
const WHOLE: Table = { ...EVENTS, columns: EVENTS.columns.slice(0, -1) };

const [INSERT, INSERT_WHOLE] = [EVENTS, WHOLE].map((table) =>
  Array.from({ length: AT_ONCE + 1 }, (_, count) => insert(table, count)),
) as [string[], string[]];

/**
 * Numbers and writes events. A file has one owner, so the global position is counted here; it never goes back, also
 * not when the newest runs were deleted: the sealer's progress remembers how far it was.
 */
export class FileEvents {
  readonly #db: FileDriver;
  #position = 0;

  constructor(db: FileDriver) {
    this.#db = db;
  }

  /** Writes a run's next events behind `lastSeq` and answers the last number given. */
  write(runId: string, events: readonly Row[], lastSeq: number): number {
    if (this.#position === 0) this.#position = this.#lastPosition();
    let seq = lastSeq;
    for (let from = 0; from < events.length; from += AT_ONCE) {
      const rows = events.slice(from, from + AT_ONCE);
      const isWhole = rows.every((row) => row.at(-1) === null);
      const args: (string | number | null)[] = [];
      for (const row of rows) {
        args.push(++this.#position, runId, ++seq, ...row);
        if (isWhole) args.pop();
      }
      const sql = (isWhole ? INSERT_WHOLE : INSERT)[rows.length];
      if (sql) this.#db.statement(sql).run(args);
    }
    return seq;
  }

  #lastPosition(): number {
    const row = this.#db.statement(`select ${LAST_POSITION}`).get([]);
    return Number(row?.[0] ?? 0);
  }
}

/** The last global position that was ever given to an event. */
export const LAST_POSITION = `max(
  coalesce((select max(position) from workflow_run_events), 0), (select position from workflow_seal_progress))`;
