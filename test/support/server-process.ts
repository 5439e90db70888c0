import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** A real server in a directory of its own on a port of its own, both kept over restarts. */
export type ServerProcess = {
  readonly port: number;
  readonly directory: string;
  /** The last lines the server wrote: what to print when a test fails. */
  output(): string;
  /** Ends it in good order; its directory stays. */
  stop(): Promise<void>;
  /** SIGKILL: no goodbye, no flush. */
  kill(): Promise<void>;
  /** Starts it again on the same port and directory, after `stop()`, `kill()` or while it runs. */
  restart(): Promise<void>;
  /** Ends it and deletes its directory. */
  remove(): Promise<void>;
};

/** How to run a program as a server. */
export type ServerPlan = {
  readonly name: string;
  readonly path: string;
  arguments(directory: string, port: number): readonly string[];
  /** Rejects while the server does not answer. */
  probe(port: number): Promise<void>;
};

/** What must not outlive this process: it may end without anybody calling `remove()`. */
const running = new Set<ChildProcess>();
const directories = new Set<string>();
let watchingExit = false;

/** Starts a server and waits until it answers. */
export async function startServer(plan: ServerPlan): Promise<ServerProcess> {
  const directory = await mkdtemp(join(tmpdir(), `station-${plan.name}-`));
  cleanUpAtExit(directory);
  let port = await freePort();
  let output = "";
  let child: ChildProcess | null = null;

  const start = async () => {
    child = launch(plan, directory, port, (text) => {
      output = (output + text).slice(-20_000);
    });
    await untilReady(plan, child, port, () => output);
  };
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (child !== null) await endProcess(child, signal);
    child = null;
  };

  // Another process may have taken the port between the look and the start.
  for (let attempt = 1; ; attempt += 1) {
    try {
      await start();
      break;
    } catch (error) {
      await end("SIGKILL");
      if (attempt === 3) throw error;
      port = await freePort();
    }
  }
  return {
    port,
    directory,
    output: () => output,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM");
      await start();
    },
    remove: async () => {
      await end("SIGTERM");
      await rm(directory, { recursive: true, force: true });
      directories.delete(directory);
    },
  };
}

function launch(plan: ServerPlan, directory: string, port: number, write: (text: string) => void) {
  const [command, ...leading] = [...dyingWithUs(), plan.path];
  const child = spawn(command as string, [...leading, ...plan.arguments(directory, port)], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  child.once("error", (error) => write(String(error)));
  // A script that forgets a server ends all the same.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref();
  child.stdout.on("data", (chunk: Buffer) => write(chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => write(chunk.toString()));
  return child;
}

async function untilReady(plan: ServerPlan, child: ChildProcess, port: number, output: () => string) {
  const deadline = Date.now() + 20_000;
  while (true) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
      throw new Error(`${plan.name} ended at once:\n${output()}`);
    try {
      await plan.probe(port);
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`${plan.name} does not answer:\n${output()}`, { cause });
      await delay(20);
    }
  }
}

async function endProcess(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill(signal);
  const insist = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(insist);
}

/** Linux kills the server when this process is killed; elsewhere only an orderly exit does. */
export function dyingWithUs(): readonly string[] {
  for (const path of ["/usr/bin/setpriv", "/bin/setpriv"]) {
    try {
      accessSync(path, constants.X_OK);
      return [path, "--pdeathsig", "KILL"];
    } catch {
      // Not here: the exit handler is what remains.
    }
  }
  return [];
}

function cleanUpAtExit(directory: string): void {
  directories.add(directory);
  if (watchingExit) return;
  watchingExit = true;
  process.on("exit", () => {
    for (const child of running) child.kill("SIGKILL");
    for (const left of directories) rmSync(left, { recursive: true, force: true });
  });
}

/**
 * Outside Linux' ephemeral range (32768 and up): nobody gets the port while its server is down, and a client
 * that reconnects to it cannot end up connected to itself.
 */
export async function freePort(): Promise<number> {
  while (true) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
