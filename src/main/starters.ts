import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { loadEnvFile } from "node:process";
import { listEnvironments } from "../adapters/files/environments.ts";
import { lookAt, type Standing } from "../adapters/libsql/look.ts";
import type { Starters } from "../cli/deps.ts";
import { examineSecrets } from "../engine/kept-secrets.ts";
import type { Finding } from "../engine/ports/queries.ts";
import type { Config } from "./config.ts";
import type { Environment } from "./environment-reader.ts";
import { migrate } from "./open-store.ts";
import { migrationsDir } from "./places.ts";
import { aborted, configured, untilStopped } from "./process.ts";
import { startServing, startWorking } from "./serve.ts";
import { openStation, type Station } from "./station.ts";
import { version } from "./version.ts";
import { syncOnSave } from "./watch.ts";

/** How long `doctor` waits for each MCP server. */
const SERVER_TIMEOUT_MS = 15_000;

/** What a developer keeps for a project; a variable that is set already counts more. */
const SETTINGS_FILE = ".env";

/** The commands that run in this very process. */
export function createStarters(env: Environment): Starters {
  const serve: Starters["serve"] = async ({ host, port, signal }) => {
    const { config, log } = configured(withListener(env, host, port), "api");
    const stopped = AbortSignal.any([signal, untilStopped(log, config.drainTimeoutMs)]);
    await untilStoppedBy(stopped, () => startServing(config, log, stopped));
  };
  return {
    serve,
    async dev({ host, port, signal, listening }) {
      // Its agents and MCP servers are this project's too: whoever starts it here trusts the folder.
      if (existsSync(SETTINGS_FILE)) loadEnvFile(SETTINGS_FILE);
      const { config, log } = configured(withListener(env, host, port), "api");
      const stopped = AbortSignal.any([signal, untilStopped(log, config.drainTimeoutMs)]);
      // Where there is nothing yet, the first file has a place and the example one to be installed in.
      if ((await listEnvironments(config.environmentsDir)).length === 0)
        await mkdir(join(config.environmentsDir, "default", "workflows"), { recursive: true });
      await untilStoppedBy(stopped, async () => {
        const serving = await startServing(config, log, stopped, { isWatching: true });
        const stopWatching = await syncOnSave(serving.station, config.environmentsDir);
        listening({ url: serving.url, hasPages: config.ui });
        return { close: () => stopWatching().then(serving.close) };
      });
    },
    async worker({ signal }) {
      const { config, log } = configured(env, "worker");
      const stopped = AbortSignal.any([signal, untilStopped(log, config.drainTimeoutMs)]);
      await untilStoppedBy(stopped, () => startWorking(config, log, stopped));
    },
    async migrate() {
      const { config, log } = configured(env, "migrate");
      return migrate(config, log);
    },
    async doctor() {
      const { config, log } = configured(env, "migrate");
      return examine(config, log);
    },
  };
}

/** Lets a process go on until it is stopped; one that was stopped while it waited for its database has not failed. */
async function untilStoppedBy(
  stopped: AbortSignal,
  start: () => Promise<{ readonly close: () => Promise<void> }>,
): Promise<void> {
  const started = await start().catch((error: unknown) => {
    if (stopped.aborted) return null;
    throw error;
  });
  await aborted(stopped);
  await started?.close();
}

async function examine(config: Config, log: Parameters<typeof openStation>[1]): Promise<readonly Finding[]> {
  // Whoever comes here has one: everything that is wrong with it ends the process before.
  const configuration = { check: "configuration", ok: true, detail: `version ${version}` };
  const database = databaseFindings(config, await lookAt(config.database, migrationsDir));
  // Opening it would make what is missing.
  if (database.some(({ ok }) => !ok)) return [configuration, ...database];
  const station = await openStation(config, log, { onlyLooks: true });
  const { ports } = station;
  try {
    const check = "queue reachable";
    const queue: readonly Finding[] = await ports.queue.examine().then(
      (found) => [{ check, ok: true, detail: config.queue.kind }, ...found],
      (error: unknown) => [
        { check, ok: false, detail: `${String(error)}; nothing is lost, runs go on when it is back` },
      ],
    );
    const invariants = await ports.store.queries.doctor(ports.clock.now());
    return [
      configuration,
      ...database,
      ...queue,
      ...invariants,
      await examineSecrets(ports),
      ...(await examineServers(ports)),
    ];
  } finally {
    await station.close();
  }
}

/** What to do about a running Station's file. */
const COPY =
  "A Station that runs tells at /readyz whether it reaches what it needs; for the rest take a copy and look at that right away: " +
  "stn backup copy.db && STATION_DATABASE_URL=file:copy.db stn doctor";

/** Whether it is there, and has everything that this program needs. */
function databaseFindings({ database }: Config, standing: Standing): readonly Finding[] {
  const check = "database reachable";
  const fix = "stn migrate does it, or whoever starts first; nothing else was looked at";
  if (standing.status === "absent")
    return [{ check, ok: false, detail: `there is no file ${standing.path} yet: ${fix}` }];
  if (standing.status === "in-use") return [{ check, ok: false, detail: `${standing.sentence}. ${COPY}` }];
  const { missing } = standing;
  return [
    { check, ok: true, detail: database.kind },
    {
      check: "the database has this program's tables",
      ok: missing.length === 0,
      detail: missing.length === 0 ? "no migration is missing" : `${missing.join(", ")} missing: ${fix}`,
    },
  ];
}

/** Connects to every MCP server of every environment. */
async function examineServers({ files, mcp }: Station["ports"]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const environment of await files.list()) {
    const { servers, problems } = await mcp.list(environment);
    for (const { file, line, message, severity } of problems)
      if (severity === "error")
        findings.push({ check: `${environment}/${file}`, ok: false, detail: `line ${line}: ${message}` });
    for (const { name, state } of servers) {
      if (state === "disabled") continue;
      const server = await mcp.inspect(environment, name, AbortSignal.timeout(SERVER_TIMEOUT_MS));
      const detail = server?.tools
        ? `${server.tools.length} tools`
        : (server?.error ?? `no answer within ${SERVER_TIMEOUT_MS / 1000} s`);
      findings.push({ check: `MCP server ${environment}/${name}`, ok: Boolean(server?.tools), detail });
    }
  }
  return findings;
}

function withListener(env: Environment, host: string | undefined, port: number | undefined): Environment {
  return {
    ...env,
    ...(host === undefined ? {} : { HOST: host }),
    ...(port === undefined ? {} : { PORT: String(port) }),
  };
}
