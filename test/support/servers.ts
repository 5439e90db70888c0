import { rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { type Obtained, obtainNats, obtainSqld } from "./server-binaries.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

/** A nats-server with JetStream. */
export type NatsServer = ServerProcess & {
  /** `nats://127.0.0.1:port` */
  readonly url: string;
  /** Stops it, deletes everything JetStream kept, starts it again. */
  wipe(): Promise<void>;
};

/** libSQL over the network. */
export type SqldServer = ServerProcess & {
  /** `http://127.0.0.1:port`; the same port speaks `ws://`. */
  readonly url: string;
};

/** Starts the nats-server found by `obtainNats` (or the one given); rejects when there is none. */
export async function startNats(
  options: { readonly program?: Obtained; readonly arguments?: readonly string[] } = {},
): Promise<NatsServer> {
  const program = options.program ?? (await obtainNats());
  if (!program.ok) throw new Error(`no nats-server: ${program.reason}`);
  const server = await startServer({
    name: "nats",
    path: program.path,
    arguments: (directory, port) => [
      ...["-js", "-sd", join(directory, "jetstream"), "-a", "127.0.0.1", "-p", String(port)],
      ...(options.arguments ?? []),
    ],
    probe: speaksNats,
  });
  return {
    ...server,
    url: `nats://127.0.0.1:${server.port}`,
    wipe: async () => {
      await server.stop();
      await rm(join(server.directory, "jetstream"), { recursive: true, force: true });
      await server.restart();
    },
  };
}

/** Starts the sqld found by `obtainSqld` (or the one given); rejects when there is none. */
export async function startSqld(
  options: {
    readonly program?: Obtained;
    readonly arguments?: readonly string[];
    /** More write connections livelock this version of sqld; `null` leaves it its default. */
    readonly connections?: number | null;
  } = {},
): Promise<SqldServer> {
  const { connections = 2 } = options;
  const program = options.program ?? (await obtainSqld());
  if (!program.ok) throw new Error(`no sqld: ${program.reason}`);
  const server = await startServer({
    name: "sqld",
    path: program.path,
    arguments: (directory, port) => [
      ...["-d", join(directory, "data"), "--http-listen-addr", `127.0.0.1:${port}`, "--no-welcome"],
      ...(connections === null ? [] : ["--max-concurrent-connections", String(connections)]),
      ...(options.arguments ?? []),
    ],
    probe: async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(1_000) });
      if (!answer.ok) throw new Error(`sqld answers ${answer.status}`);
    },
  });
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}

/** Says on standard error that a suite does not run here, and why; true when it must be skipped. */
export function mustSkip(suite: string, program: Obtained): boolean {
  if (!program.ok) process.stderr.write(`\n!!! SKIPPED: ${suite}\n!!! ${program.reason}\n\n`);
  return !program.ok;
}

/** A nats-server greets with INFO once JetStream has recovered what it kept. */
function speaksNats(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: "127.0.0.1", port, timeout: 1_000 });
    const fail = (reason: string) => {
      socket.destroy();
      reject(new Error(reason));
    };
    let greeting = "";
    socket.on("data", (chunk: Buffer) => {
      greeting += chunk.toString();
      if (!greeting.includes("\r\n")) return;
      socket.destroy();
      if (greeting.includes('"jetstream":true')) resolve();
      else reject(new Error(`unexpected greeting: ${greeting.slice(0, 200)}`));
    });
    socket.on("timeout", () => fail("no greeting"));
    socket.on("error", (error) => fail(error.message));
    socket.on("close", () => reject(new Error("closed without a greeting")));
  });
}

/** `node test/support/servers.ts` fetches both programs beforehand. */
if (import.meta.main) {
  for (const [name, obtain] of [
    ["nats-server", obtainNats],
    ["sqld", obtainSqld],
  ] as const) {
    const program = await obtain();
    process.stdout.write(
      program.ok
        ? `${name} ${program.version} (${program.origin}): ${program.path}\n`
        : `${name}: not available: ${program.reason}\n`,
    );
  }
}
