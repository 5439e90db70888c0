import { existsSync, statSync } from "node:fs";
import type { BackupSummary } from "../../engine/ports/backups.ts";
import type { Cells } from "./database.ts";
import { FileDriver } from "./file-driver.ts";
import { readMigrations } from "./migrations.ts";

const COUNTS = `select
  (select count(*) from workflow_runs),
  (select count(*) from workflow_runs where finished_at is null),
  (select count(*) from workflow_run_events),
  (select max(at) from workflow_run_events)`;

const GAPS = `select count(*) from (
  select run_id from workflow_run_events group by run_id having max(seq) - min(seq) + 1 <> count(*) or min(seq) <> 1)`;

/**
 * Reads a backup from end to end: every page, every reference, every run's events. Makes it one single file that needs
 * no other beside it. `migrationsDir` is this program's: a backup of a newer one is a problem.
 */
export async function checkBackup(path: string, migrationsDir: string): Promise<BackupSummary> {
  const bytes = existsSync(path) ? statSync(path).size : 0;
  const nothing = { bytes, migration: 0, runs: 0, openRuns: 0, events: 0, newestEventAt: null };
  if (bytes === 0) return { ...nothing, problems: ["the file is empty or not there"] };
  const known = await readMigrations(migrationsDir);
  const db = new FileDriver(path);
  const ask = (sql: string): readonly Cells[] => db.statement(sql).all([]);
  try {
    db.exec("pragma journal_mode = delete");
    const damage = ask("pragma integrity_check(10)").map(([text]) => String(text));
    if (damage.join() !== "ok") return { ...nothing, problems: damage };
    if (ask("select 1 from sqlite_master where name = 'schema_migrations'").length === 0)
      return { ...nothing, problems: ["it is no database of Station"] };
    const applied = ask("select version, checksum from schema_migrations order by version");
    const orphans = ask("select count(*) from pragma_foreign_key_check")[0]?.[0];
    const [runs, openRuns, events, newest] = ask(COUNTS)[0] ?? [];
    const gaps = Number(ask(GAPS)[0]?.[0]);
    const foreign = applied.find(([version, checksum]) => known[Number(version) - 1]?.checksum !== checksum);
    return {
      bytes,
      migration: applied.length,
      runs: Number(runs),
      openRuns: Number(openRuns),
      events: Number(events),
      newestEventAt: newest === null || newest === undefined ? null : Number(newest),
      problems: [
        ...(orphans === 0 ? [] : [`${orphans} rows refer to something that is not there`]),
        ...(gaps === 0 ? [] : [`${gaps} runs have gaps in their events`]),
        ...(foreign === undefined
          ? []
          : [`its migration ${foreign[0]} is not one of this program's: a newer or another program made it`]),
      ],
    };
  } catch (error) {
    return { ...nothing, problems: [error instanceof Error ? error.message : String(error)] };
  } finally {
    db.abandon();
  }
}
