import { execFile } from "node:child_process";
import { chmod, chown, mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startServer } from "../../support/server-process.ts";

const run = promisify(execFile);
/** Where Debian's packages put their programs, a folder for each major version. */
const DEBIAN = "/usr/lib/postgresql";
/** The first three decide what a commit has done when it is told; the others make room and keep it to itself. */
const SETTINGS = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "256MB",
  max_connections: "200",
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
};

/** A PostgreSQL of its own, with nothing in it. */
export type Postgres = {
  /** Of the database `bench`, which is not there yet. */
  readonly url: string;
  /** Its version, and the settings that were found in force. */
  readonly setup: string;
  /** The first column of the first row of a query to `bench`. */
  query(sql: string): Promise<string>;
  stop(): Promise<void>;
};

/** Starts Debian's newest PostgreSQL on data in `directory`; rejects when there is none. */
export async function startPostgres(directory: string): Promise<Postgres> {
  const programs = await programsOf();
  const account = await unprivileged();
  const data = join(directory, "postgres");
  await mkdir(data, { mode: 0o700 });
  if (account !== null) {
    await chown(data, account.uid, account.gid);
    // Made for this run, but nobody else's: the account must find its way through.
    for (const above of [directory, dirname(directory)]) await chmod(above, 0o711);
  }
  const as = (program: string) => [...(account?.become ?? []), join(programs, program)];
  const [initialise = "", ...its] = as("initdb");
  const how = ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"];
  await run(initialise, [...its, ...how], { cwd: "/" });

  const [serve = "", ...arguments_] = as("postgres");
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const psql = async (port: number, database: string, sql: string) => {
    const at = ["-h", "127.0.0.1", "-p", String(port), "-U", "bench", "-d", database];
    const { stdout } = await run(join(programs, "psql"), [...at, "-XAtc", sql]);
    return stdout.trim();
  };
  const server = await startServer({
    name: "postgres",
    path: serve,
    arguments: (_, port) => [...arguments_, "-D", data, "-p", String(port), ...settings],
    probe: async (port) => void (await psql(port, "postgres", "select 1")),
  });
  const shown = await psql(
    server.port,
    "postgres",
    `select 'PostgreSQL ' || current_setting('server_version') || ', ' ||
      string_agg(name || '=' || setting, ', ' order by name) from pg_settings
      where name in ('fsync', 'synchronous_commit', 'full_page_writes')`,
  );
  return {
    url: `postgresql://bench@127.0.0.1:${server.port}/bench`,
    setup: shown,
    query: (sql) => psql(server.port, "bench", sql),
    stop: () => server.remove(),
  };
}

async function programsOf(): Promise<string> {
  const versions = await readdir(DEBIAN).catch(() => []);
  const [newest] = versions.map(Number).sort((one, other) => other - one);
  if (newest === undefined)
    throw new Error(`no PostgreSQL in ${DEBIAN}: DBOS is not measured; apt-get install postgresql brings it`);
  return join(DEBIAN, String(newest), "bin");
}

/** PostgreSQL refuses to run as root: the account that its package makes, or `null` for whoever we are. */
async function unprivileged() {
  if (process.getuid?.() !== 0) return null;
  const id = async (what: string) => Number((await run("id", [what, "postgres"])).stdout);
  const [uid, gid] = [await id("-u"), await id("-g")];
  // Its end with ours is asked for again, as a change of account forgets it.
  const become = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--pdeathsig", "KILL"];
  return { uid, gid, become };
}
