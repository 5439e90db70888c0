import { FileDriver } from "../../../src/adapters/libsql/file-driver.ts";
import type { Fault } from "../../../src/core/audit/fault.ts";
import type { MadeTrail } from "./make-trail.ts";

/** One change behind Station's back, and where it must be found. */
export type Edit = {
  readonly kind: string;
  readonly runId: string;
  readonly seq: number;
  /** The field that must be named; `null` where none was changed. */
  readonly field: string | null;
};

type Place = { readonly runId: string; readonly seq: number; readonly last: number };
type Kind = {
  /** What the seals and events of a run are turned into, by one who knows the tables. */
  readonly edit: (db: FileDriver, place: Place) => void;
  readonly field: string | null;
  /** Where it shows afterwards; without it at the place itself. */
  readonly shows?: (place: Place, db: FileDriver) => number;
};

const change = (column: string, to: string): Kind => ({
  edit: (db, { runId, seq }) =>
    run(db, `update workflow_run_events set ${column} = ${to} where run_id = ? and seq = ?`, [runId, seq]),
  field: column,
});

/** Every audited field, and everything that can happen to an event but a change of its fields. */
const KINDS: Readonly<Record<string, Kind>> = {
  type: change("type", "'step.failed'"),
  at: change("at", "at - 1"),
  actor: change("actor", "'user:eve'"),
  channel: change("channel", "'ui'"),
  data: change("data", "replace(data, 'type', 'typo')"),
  spilled: change("spilled", "'output'"),
  deleted: {
    edit: (db, { runId, seq }) =>
      run(db, "delete from workflow_run_events where run_id = ? and seq = ?", [runId, seq]),
    field: null,
  },
  "cut off with its seals": {
    edit(db, { runId, seq }) {
      run(db, "delete from workflow_run_events where run_id = ? and seq >= ?", [runId, seq]);
      run(db, "delete from workflow_run_seals where run_id = ? and seq >= ?", [runId, seq]);
    },
    field: null,
    // Behind the last seal that is left nobody can say any more what is true.
    shows: ({ runId }, db) =>
      1 +
      Number(db.first("select coalesce(max(seq), 0) from workflow_run_seals where run_id = ?", [runId])?.[0]),
  },
  "put in another order": {
    edit(db, { runId, seq }) {
      const move = "update workflow_run_events set seq = ? where run_id = ? and seq = ?";
      run(db, move, [1_000_000, runId, seq]);
      run(db, move, [seq, runId, seq + 1]);
      run(db, move, [seq + 1, runId, 1_000_000]);
    },
    field: null,
  },
  added: {
    edit: (db, { runId, last }) =>
      run(
        db,
        `insert into workflow_run_events (position, run_id, seq, at, actor, type, data)
         select (select min(position) from workflow_run_events) - 1, run_id, seq + 1, at, 'user:eve', type, data
         from workflow_run_events where run_id = ? and seq = ?`,
        [runId, last],
      ),
    field: null,
    shows: ({ last }) => last + 1,
  },
  "removed with its run": {
    edit: (db, { runId }) => run(db, "delete from workflow_runs where run_id = ?", [runId]),
    field: null,
    shows: () => 1,
  },
};

export const EDIT_KINDS = Object.keys(KINDS);

/** Makes `count` edits of every kind in turn, each in a run of its own at a random event. */
export function tamper(trail: MadeTrail, count: number, random: () => number): readonly Edit[] {
  const { url, runIds, eventsPerRun: last } = trail;
  const db = new FileDriver(url.slice("file:".length));
  db.exec("pragma foreign_keys = on");
  const runs = [...runIds].sort(() => random() - 0.5).slice(0, count);
  try {
    return db.transaction(() =>
      runs.map((runId, index): Edit => {
        const kind = EDIT_KINDS[index % EDIT_KINDS.length] ?? "";
        const { edit, field, shows } = KINDS[kind] as Kind;
        const place = { runId, seq: 2 + Math.floor(random() * (last - 3)), last };
        edit(db, place);
        return { kind, runId, seq: shows?.(place, db) ?? place.seq, field };
      }),
    );
  } finally {
    db.abandon();
  }
}

/** The edits that no fault names as they were made. */
export function missed(edits: readonly Edit[], faults: readonly Fault[]): readonly Edit[] {
  const byRun = Map.groupBy(faults, ({ subject }) => subject);
  return edits.filter(({ runId, seq, field }) => {
    const [found, ...others] = (byRun.get(runId) ?? []).filter(({ kind }) => kind === "run");
    if (!found || others.length > 0) return true;
    return found.seq !== seq || (field !== null && found.fields.join() !== field);
  });
}

function run(db: FileDriver, sql: string, args: readonly (string | number)[]): void {
  db.statement(sql).run(args);
}
