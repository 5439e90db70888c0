import { join } from "node:path";
import { openFile } from "../../src/adapters/libsql/open-file.ts";
import { runTablesOf } from "../../src/adapters/libsql/run-tables.ts";
import { createStore } from "../../src/adapters/libsql/store.ts";
import { shapeOf } from "../../src/adapters/libsql/table-shapes.ts";
import { checkpointOnce } from "../../src/engine/checkpoint.ts";
import { newId } from "../../src/engine/ids.ts";
import { systemClock } from "../../src/main/clock.ts";
import { migrationsDir } from "../../src/main/places.ts";
import { openLoop } from "./our-loop.ts";
import { STEPS } from "./workflows.ts";

/** Runs that the engine makes itself; the others are their likeness. */
const TEMPLATES = 100;
/** Runs that are copied in one transaction. */
const AT_ONCE = 10_000;
/** So far apart the copied runs were started: a database that has been at work for a while. */
const APART_MS = 50;
/** Events that one checkpoint covers. */
const COVERED = 500_000;

export type Filled = {
  readonly runs: number;
  readonly steps: number;
  readonly events: number;
  readonly seconds: number;
};

/**
 * Fills the database of `directory` with so many stored steps. A hundred runs go through the engine; the rest are copies
 * of all rows these left, each under an id and at times of its own, whose heads are then covered by checkpoints like any
 * other's. The seals of a copy are those of the run it was made from: nothing reads them before the trail is verified.
 */
export async function measure({
  directory,
  steps,
}: {
  readonly directory: string;
  readonly steps: number;
}): Promise<Filled> {
  const begun = performance.now();
  const engine = await openLoop({ inFlight: TEMPLATES, directory, natsUrl: null });
  await Promise.all(Array.from({ length: TEMPLATES }, engine.runOnce));
  await engine.engine.caughtUp();
  await engine.close();
  const file = join(directory, "data", "station.db");
  const runs = Math.max(TEMPLATES, Math.ceil(steps / STEPS));
  const events = await copyRuns(file, runs - TEMPLATES);
  const store = await createStore({ url: `file:${file}`, migrationsDir, clock: systemClock, log: SILENT });
  try {
    const ports = { store, clock: systemClock };
    while ((await checkpointOnce(ports, null, COVERED)) === "more");
  } finally {
    await store.close();
  }
  return { runs, steps: runs * STEPS, events, seconds: (performance.now() - begun) / 1000 };
}

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

/** Copies all rows of the runs that are there, again and again; answers how many events there are then. */
async function copyRuns(file: string, copies: number): Promise<number> {
  const db = openFile(file);
  try {
    // Nobody but us, and what goes wrong is made anew.
    db.exec("pragma synchronous = off");
    db.exec("pragma foreign_keys = off");
    db.exec("create temp table copies (old text not null, id text not null, earlier integer not null)");
    const tables = runTablesOf(await shapeOf(async (sql, args) => db.statement(sql).all(args)));
    const templates = db.statement("select run_id from workflow_runs order by run_id").all([]);
    const inserts: string[] = [];
    for (const { name, columns } of tables)
      if (columns.includes("run_id")) inserts.push(copyOf(name, columns));
    const add = db.statement("insert into copies values (?, ?, ?)");
    const now = Date.now();
    for (let from = 0; from < copies; from += AT_ONCE) {
      db.transaction(() => {
        db.exec("delete from copies");
        for (let index = from; index < Math.min(copies, from + AT_ONCE); index++) {
          const earlier = (copies - index) * APART_MS;
          const id = newId("run", { now: () => now - earlier, random: Math.random });
          add.run([String(templates[index % templates.length]?.[0]), id, earlier]);
        }
        for (const sql of inserts) db.exec(sql);
        db.exec(
          "update workflow_seal_progress set position = (select max(position) from workflow_run_events)",
        );
      });
    }
    return Number(db.statement("select max(position) from workflow_run_events").all([])[0]?.[0]);
  } finally {
    await db.close();
  }
}

/** Every column as it is, but for the run's id wherever it stands, the times, and numbers that the database gives. */
function copyOf(table: string, columns: readonly string[]): string {
  const copied = columns.filter((column) => column !== "position");
  const values = copied.map((column) => {
    if (column === "run_id") return "c.id";
    if (column === "at" || /_at$/.test(column) || column === "deadline") return `s.${column} - c.earlier`;
    return column === "data" ? "replace(s.data, c.old, c.id)" : `s.${column}`;
  });
  return `insert into ${table} (${copied.join(", ")}) select ${values.join(", ")}
from copies c join ${table} s on s.run_id = c.old order by c.rowid`;
}
