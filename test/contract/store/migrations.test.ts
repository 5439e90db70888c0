import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Database, select } from "../../../src/adapters/libsql/database.ts";
import { migrate } from "../../../src/adapters/libsql/migrate.ts";
import { openFile } from "../../../src/adapters/libsql/open-file.ts";
import { RemoteDriver } from "../../../src/adapters/libsql/remote-driver.ts";
import { obtainSqld } from "../../support/server-binaries.ts";
import { mustSkip, type SqldServer, startSqld } from "../../support/servers.ts";
import { AT } from "./given.ts";
import { migrationsDir } from "./subject.ts";

let folder = "";
let db: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "station-migrations-"));
  cpSync(migrationsDir, join(folder, "migrations"), { recursive: true });
  db = openFile(":memory:");
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true, force: true });
});

const files = () => join(folder, "migrations");
/** How many there are, and the name of the one to come. */
const known = readdirSync(migrationsDir).length;
const NEXT = `${String(known + 1).padStart(4, "0")}_next.sql`;
const next = (text: string) => writeFileSync(join(files(), NEXT), text);

test("an empty database is brought up to date, and stays as it is the next time", async () => {
  expect(await migrate(db, files(), AT)).toHaveLength(known);
  expect(await migrate(db, files(), AT)).toEqual([]);
});

test("a new migration is applied to a database that has data", async () => {
  await migrate(db, files(), AT);
  next("-- Why.\ncreate table more (a integer) strict;\n\n-- And why.\ninsert into more values (1);\n");
  expect(await migrate(db, files(), AT)).toEqual([NEXT]);
  expect(await select(db, "select a from more", [])).toEqual([[1]]);
});

test("a migration that fails half way changes nothing", async () => {
  await migrate(db, files(), AT);
  next("create table more (a integer) strict;\ninsert into nowhere values (1);\n");
  await expect(migrate(db, files(), AT)).rejects.toThrow(`migration ${NEXT} failed and changed nothing`);
  expect(await select(db, "select name from sqlite_master where name = 'more'", [])).toEqual([]);
});

test("a database whose newer tables only add something is no reason for an older program not to start", async () => {
  next("-- Why.\n-- Older programs may go on.\n\ncreate table more (a integer) strict;\n");
  await migrate(db, files(), AT);
  expect(await migrate(db, migrationsDir, AT)).toEqual([]);
  const after = `${String(known + 2).padStart(4, "0")}_after.sql`;
  writeFileSync(join(files(), after), "drop table more;\n");
  await migrate(db, files(), AT);
  await expect(migrate(db, migrationsDir, AT)).rejects.toThrow(
    `cannot do without ${after}; start a newer program`,
  );
});

test("a program that knows nothing of called runs starts again on a database that a newer one has brought up to date", async () => {
  await migrate(db, files(), AT);
  for (const name of readdirSync(files())) if (Number(name.slice(0, 4)) > 28) rmSync(join(files(), name));
  expect(await migrate(db, files(), AT)).toEqual([]);
});

test("a database that is newer than the program is refused", async () => {
  next("create table more (a integer) strict;\n");
  await migrate(db, files(), AT);
  await expect(migrate(db, migrationsDir, AT)).rejects.toThrow(
    `the database is at migration ${known + 1}, this program knows ${known}, and cannot do without ${NEXT}`,
  );
});

test("a migration that was edited after it had been applied is refused", async () => {
  next("create table more (a integer) strict;\n");
  await migrate(db, files(), AT);
  next("create table more (b integer) strict;\n");
  await expect(migrate(db, files(), AT)).rejects.toThrow("an applied migration is never edited");
});

test("other line ends are no edit", async () => {
  next("create table more (a integer) strict;\n");
  await migrate(db, files(), AT);
  next("create table more (a integer) strict;\r\n");
  expect(await migrate(db, files(), AT)).toEqual([]);
});

test("a missing number, or none at all, is noticed before anything happens", async () => {
  rmSync(join(files(), "0002_workflow_runs.sql"));
  await expect(migrate(db, files(), AT)).rejects.toThrow("number 2 was expected");
  await expect(migrate(db, join(folder), AT)).rejects.toThrow("no migrations in");
});

const program = await obtainSqld();

describe.skipIf(mustSkip("migrations on sqld", program))("on a server", () => {
  let server: SqldServer;
  beforeAll(async () => {
    server = await startSqld({ program });
  }, 60_000);
  afterAll(() => server.stop());

  test("several processes that start at once apply each migration once", async () => {
    const drivers = [1, 2, 3].map(() => new RemoteDriver(server.url.replace("http", "ws"), undefined));
    const applied = await Promise.all(drivers.map((driver) => migrate(driver, files(), AT)));
    expect(applied.flat()).toHaveLength(known);
    const [first] = drivers;
    if (first) expect(await select(first, "select count(*) from schema_migrations", [])).toEqual([[known]]);
    await Promise.all(drivers.map((driver) => driver.close()));
  }, 60_000);
});
