import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { atOneMoment, type ServerAddress } from "./at-one-moment.ts";
import { type Cell, isBusy } from "./database.ts";
import { FileDriver } from "./file-driver.ts";
import { rowPortions } from "./portions.ts";
import { type Ask, pagesOf, quoted, shapeOf } from "./table-shapes.ts";

const TRIES = 6;

/**
 * Copies a server's database, as it is at one moment, into a file that is not there yet. Begins again when the server
 * has too much to do to go on.
 */
export async function copyServer(address: ServerAddress, path: string): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return await copyOnce(address, path);
    } catch (error) {
      const isRefused = isBusy(error) || (error instanceof Error && isBusy(error.cause));
      if (!isRefused || tries === TRIES) throw error;
      await rm(path, { force: true });
      await delay(100 * 2 ** tries * (0.5 + Math.random()));
    }
}

async function copyOnce(address: ServerAddress, path: string): Promise<void> {
  await atOneMoment(address, (ask) => copyInto(path, ask));
}

async function copyInto(path: string, ask: Ask): Promise<void> {
  const { tables, others } = await shapeOf(ask);
  const target = new FileDriver(path);
  try {
    target.exec("pragma auto_vacuum = incremental");
    target.exec("pragma foreign_keys = off");
    target.exec("pragma synchronous = off");
    for (const table of tables) {
      target.exec(table.sql);
      const columns = table.columns.map(quoted).join(", ");
      const marks = table.columns.map(() => "?").join(", ");
      const insert = `insert into ${quoted(table.name)} (${columns}) values (${marks})`;
      for await (const rows of pagesOf(ask, table))
        target.transaction(() => {
          for (const row of rows) target.statement(insert).run(row);
        });
    }
    for (const sql of others) target.exec(sql);
  } finally {
    target.abandon();
  }
}

/** Fills a server's empty database from a file. Throws when it is not empty; dies half done, it has to be emptied. */
export async function fillServer(
  path: string,
  server: { read: Ask; write(queries: readonly { sql: string; args: readonly Cell[] }[]): Promise<unknown> },
): Promise<void> {
  const there = (await shapeOf(server.read)).tables;
  if (there.length > 0)
    throw new Error(
      `the server's database is not empty (${there.length} tables); a backup is restored into an empty one only`,
    );
  const source = new FileDriver(path);
  try {
    const ask: Ask = async (sql, args) => source.statement(sql).all(args);
    const { tables, others } = await shapeOf(ask);
    // The list of migrations last: without it no program takes the database for a whole one.
    const ordered = [...tables].sort((a, b) => Number(a.name === MIGRATIONS) - Number(b.name === MIGRATIONS));
    for (const table of ordered) {
      await server.write([{ sql: table.sql, args: [] }]);
      const columns = table.columns.map(quoted).join(", ");
      const marks = `(${table.columns.map(() => "?").join(", ")})`;
      for await (const rows of pagesOf(ask, table))
        for (const some of rowPortions(rows, Math.floor(MOST_VALUES / table.columns.length)))
          await server.write([
            {
              sql: `insert into ${quoted(table.name)} (${columns}) values ${some.map(() => marks).join(", ")}`,
              args: some.flat(),
            },
          ]);
      if (table === ordered.at(-2)) await server.write(others.map((sql) => ({ sql, args: [] })));
    }
  } finally {
    source.abandon();
  }
}

const MIGRATIONS = "schema_migrations";
const MOST_VALUES = 2_000;
