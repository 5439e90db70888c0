import { type Cells, change, type Database, isConstraint, select } from "./database.ts";
import { type Migration, readMigrations } from "./migrations.ts";

const TABLE = `create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  checksum text not null,
  applied_at integer not null
) strict`;

/** Migrations that programs which do not know them may pass over. */
const SPARING = "create table if not exists schema_sparing (version integer primary key) strict";

/**
 * Brings the database to the newest migration in `folder`, forward only; the names of those applied. Several processes
 * may do it at once: each migration's transaction begins with its own row, so only one of them gets through.
 * Throws for a database whose applied migrations differ from the files, and for one that is newer than this program,
 * unless all that is newer says that older programs may go on.
 */
export async function migrate(db: Database, folder: string, now: number): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  await change(db, TABLE, []);
  await change(db, SPARING, []);
  const applied: string[] = [];
  let done = await appliedMigrations(db);
  refuseOthers(done, migrations);
  for (const migration of migrations) {
    if (done.has(migration.version)) continue;
    if (await apply(db, migration, now)) applied.push(migration.name);
    // Others may be at it, and know more of them.
    done = await appliedMigrations(db);
    refuseOthers(done, migrations);
  }
  return applied;
}

/**
 * The migrations that a database has not had yet, by name; nothing is changed. Throws for a database that `migrate` would
 * refuse.
 */
export async function missingMigrations(db: Database, folder: string): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const tables = (await select(db, OWN_TABLES, [])).map(([name]) => name);
  const done = tables.includes("schema_migrations")
    ? appliedFrom(await select(db, tables.includes("schema_sparing") ? APPLIED : APPLIED_EARLIER, []))
    : new Map();
  refuseOthers(done, migrations);
  return migrations.filter(({ version }) => !done.has(version)).map(({ name }) => name);
}

type Applied = ReadonlyMap<
  number,
  { readonly name: string; readonly checksum: string; readonly spares: boolean }
>;

const APPLIED = `select m.version, name, checksum, s.version is not null from schema_migrations m
left join schema_sparing s on s.version = m.version order by m.version`;

/** The same of a database that no program has opened since there is `schema_sparing`. */
const APPLIED_EARLIER = "select version, name, checksum, 0 from schema_migrations order by version";

const OWN_TABLES = "select name from sqlite_master where name in ('schema_migrations', 'schema_sparing')";

async function appliedMigrations(db: Database): Promise<Applied> {
  return appliedFrom(await select(db, APPLIED, []));
}

function appliedFrom(rows: readonly Cells[]): Applied {
  return new Map(
    rows.map(([version, name, checksum, spares]) => [
      Number(version),
      { name: String(name), checksum: String(checksum), spares: spares === 1 },
    ]),
  );
}

/** True when this process applied it; false when another one was faster. */
async function apply(
  db: Database,
  { version, name, checksum, spares, statements }: Migration,
  now: number,
): Promise<boolean> {
  try {
    await db.write([
      {
        sql: "insert into schema_migrations (version, name, checksum, applied_at) values (?, ?, ?, ?)",
        args: [version, name, checksum, now],
      },
      ...statements.map((sql) => ({ sql, args: [] })),
      ...(spares ? [{ sql: "insert into schema_sparing (version) values (?)", args: [version] }] : []),
    ]);
    return true;
  } catch (error) {
    if (isConstraint(error) && (await appliedMigrations(db)).has(version)) return false;
    throw new Error(`migration ${name} failed and changed nothing`, { cause: error });
  }
}

function refuseOthers(done: Applied, migrations: readonly Migration[]): void {
  const newer = [...done].filter(([version]) => version > migrations.length);
  const breaking = newer.find(([, { spares }]) => !spares);
  if (breaking)
    throw new Error(
      `the database is at migration ${Math.max(...done.keys())}, this program knows ${migrations.length}, and cannot do without ` +
        `${breaking[1].name}; start a newer program`,
    );
  for (const { version, name, checksum } of migrations) {
    const found = done.get(version);
    if (found && found.checksum !== checksum)
      throw new Error(
        `migration ${name} differs from the one this database was made with (${found.name}); ` +
          "an applied migration is never edited, add a new one",
      );
  }
}
