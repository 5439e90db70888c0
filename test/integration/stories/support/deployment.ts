import { type NatsServer, type SqldServer, startNats, startSqld } from "../../../support/servers.ts";
import { removeDirectory, writeDirectory } from "./agents.ts";
import { eventually } from "./eventually.ts";
import { type Line, launch, type StationProcess } from "./process.ts";

/** All processes of a Station that can be reached at `url`, which survives restarts. */
export type Deployment = {
  readonly url: string;
  /** API first. */
  readonly processes: readonly StationProcess[];
  /** The directory of its data and environments. */
  readonly directory: string;
  /** Waits until any of its processes has logged this. */
  logged(message: string, facts?: Readonly<Record<string, unknown>>): Promise<Line>;
  /** Starts a process again, which must have ended, under the same address; resolves when it is ready. */
  restart(ended: StationProcess): Promise<StationProcess>;
  /** Ends everything and deletes all data. */
  remove(): Promise<void>;
};

/** Servers that a distributed deployment stands on. */
export type Servers = { readonly nats: NatsServer; readonly sqld: SqldServer };

type Program = "api" | "worker";

/** One process and nothing configured but where its data is. */
export function startEmbedded(extra: Readonly<Record<string, string>> = {}): Promise<Deployment> {
  return deploy(["api"], extra, async () => {});
}

/** An API and two workers, which share a real nats-server and a real sqld: these, or fresh ones that end with them. */
export async function startDistributed(
  extra: Readonly<Record<string, string>> = {},
  given?: Servers,
): Promise<Deployment & { readonly servers: Servers }> {
  const servers = given ?? (await startServers());
  const env = { ...environmentOf(servers), ...extra };
  const deployment = await deploy(["api", "worker", "worker"], env, async () => {
    if (!given) await removeServers(servers);
  });
  return { ...deployment, servers };
}

/** Real servers, fresh and empty. */
export async function startServers(): Promise<Servers> {
  const [nats, sqld] = await Promise.all([startNats(), startSqld()]);
  return { nats, sqld };
}

/** Ends them and deletes what they kept. */
export async function removeServers({ nats, sqld }: Servers): Promise<void> {
  // sqld takes seconds to say goodbye, and nothing of it is kept.
  await Promise.all([nats.kill(), sqld.kill()]);
  await Promise.all([nats.remove(), sqld.remove()]);
}

/** The variables of processes that share them. */
export function environmentOf({ nats, sqld }: Servers) {
  return { STATION_NATS_URL: nats.url, STATION_DATABASE_URL: sqld.url };
}

async function deploy(
  programs: readonly Program[],
  extra: Readonly<Record<string, string>>,
  removeOthers: () => Promise<void>,
): Promise<Deployment> {
  const directory = await writeDirectory();
  const processes: StationProcess[] = [];
  // What it takes to tell somebody on this machine.
  const reach = { STATION_SECRET_KEYS: "k".repeat(32), STATION_OUTGOING_ALLOWED: "127.0.0.1" };
  const env = { PORT: "0", STATION_DATA_DIR: "data", ...reach, ...extra };
  const started = async (program: Program, port: string) => {
    const process = launch(program, { directory, env: { ...env, PORT: port } });
    const { url } = await process.logged(program === "api" ? "listening" : "working");
    return { process, url: String(url) };
  };
  const remove = async () => {
    await Promise.all(processes.map((process) => process.kill()));
    await removeOthers();
    await removeDirectory(directory);
  };
  try {
    let address = "";
    for (const program of programs) {
      const { process, url } = await started(program, program === "api" ? env.PORT : "0");
      processes.push(process);
      if (program === "api") address = url;
    }
    return {
      url: address,
      processes,
      directory,
      logged: (message, facts) =>
        eventually(
          async () => processes.map((process) => process.find(message, facts)).find((line) => line),
          () => `nobody logged "${message}" ${JSON.stringify(facts)}`,
        ),
      async restart(ended) {
        const index = processes.indexOf(ended);
        const { process } = await started(programs[index] ?? "api", new URL(address).port);
        processes[index] = process;
        return process;
      },
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
