import type { Cell } from "./database.ts";
import type { FileDriver } from "./file-driver.ts";
import { EVENTS, insert, type Row } from "./tables.ts";

/** Events written by one statement. */
const AT_ONCE = 16;

/** The last global position that was ever given to an event. */
export const LAST_POSITION = `max(
  coalesce((select max(position) from workflow_run_events), 0), (select position from workflow_seal_progress))`;

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

  /** The last one that was given. */
  get position(): number {
    return this.#position;
  }

  /** Writes a run's next events (`at, actor, channel, type, data, spilled`) behind `lastSeq`; the last number given. */
  write(runId: string, events: readonly Row[], lastSeq: number): number {
    if (this.#position === 0) this.#position = this.#lastPosition();
    for (let from = 0; from < events.length; from += AT_ONCE)
      this.#writeSome(runId, events.slice(from, from + AT_ONCE), lastSeq + from);
    return lastSeq + events.length;
  }

  #writeSome(runId: string, rows: readonly Row[], lastSeq: number): void {
    const [at = null, actor = null, channel = null] = rows[0] ?? [];
    const first = this.#position + 1;
    this.#position += rows.length;
    if (rows.every((row) => row[0] === at && row[1] === actor && row[5] === null)) {
      const args: Cell[] = [first, runId, lastSeq + 1, at, actor, channel];
      for (const row of rows) args.push(row[3] ?? null, row[4] ?? null);
      this.#db.statement(INSERT_ALIKE[rows.length] ?? insertAlike(rows.length)).run(args);
    } else
      this.#db
        .statement(insert(EVENTS, rows.length))
        .run(rows.flatMap((row, index) => [first + index, runId, lastSeq + 1 + index, ...row]));
  }

  #lastPosition(): number {
    return Number(this.#db.first(`select ${LAST_POSITION}`, [])?.[0] ?? 0);
  }
}

/** The usual case, one decision at one moment: what the events have in common is bound once. */
function insertAlike(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, n) => `(?1 + ${n}, ?2, ?3 + ${n}, ?4, ?5, ?6, ?${7 + 2 * n}, ?${8 + 2 * n})`,
  );
  return `insert into workflow_run_events (position, run_id, seq, at, actor, channel, type, data) values ${rows.join(", ")}`;
}

const INSERT_ALIKE = Array.from({ length: AT_ONCE + 1 }, (_, count) => insertAlike(count));
