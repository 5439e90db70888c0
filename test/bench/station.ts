import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { NODE_OPTIONS, programs } from "./programs.ts";

/** A running process of Station. */
export type Station = {
  /** `http://127.0.0.1:port`; empty for a worker. */
  readonly url: string;
  readonly pid: number;
  /** SIGKILL: no goodbye. */
  kill(): Promise<void>;
  /** SIGTERM, and SIGKILL if that is not heard within ten seconds. */
  stop(): Promise<void>;
  /** The last lines of its log. */
  output(): Promise<string>;
  /** All of its log. */
  log(): Promise<string>;
};

/** The programs a deployment consists of, and the log line that says that one is ready. */
const PROGRAMS = {
  serve: { file: "api.mjs", ready: /"message":"listening"/ },
  api: { file: "api.mjs", ready: /"message":"listening"/ },
  worker: { file: "worker.mjs", ready: /"message":"(?:listening|working|started|worker started|ready)"/ },
} as const;

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a program as it is shipped with exactly these variables, in `directory`; resolves when it is ready. */
export async function startStation(
  program: keyof typeof PROGRAMS,
  directory: string,
  env: Readonly<Record<string, string>>,
): Promise<Station> {
  const { file, ready } = PROGRAMS[program];
  const path = join(await programs(), file);
  const logPath = join(directory, `${program}-${Date.now()}-${Math.random().toString(36).slice(2, 8)}.log`);
  // To a file, not to us: reading a line per step would use the CPU that is measured.
  const log = await open(logPath, "a");
  const child = spawn(process.execPath, [path], {
    cwd: directory,
    stdio: ["ignore", log.fd, log.fd],
    env: {
      PATH: process.env["PATH"],
      NODE_OPTIONS,
      PORT: "0",
      HOST: "127.0.0.1",
      STATION_DATA_DIR: join(directory, "data"),
      STATION_ENVIRONMENTS_DIR: join(directory, "environments"),
      STATION_LOG_FORMAT: "json",
      ...env,
    },
  });
  running.add(child);
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.once("exit", () => running.delete(child));
  await log.close();
  const whole = () => readFile(logPath, "utf8").catch(() => "");
  const output = async () => (await whole()).slice(-4000);

  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    child.kill(signal);
    const insist = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await gone;
    clearTimeout(insist);
  };
  const line = await readyLine(logPath, ready, () => child.exitCode !== null || child.signalCode !== null);
  if (line === null) {
    await end("SIGKILL");
    throw new Error(`${file} did not get ready:\n${await output()}`);
  }
  const url = /"url":"([^"]+)"/.exec(line)?.[1] ?? "";
  return {
    url,
    pid: child.pid ?? 0,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    output,
    log: whole,
  };
}

async function readyLine(logPath: string, ready: RegExp, hasEnded: () => boolean): Promise<string | null> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline && !hasEnded()) {
    const found = (await readFile(logPath, "utf8")).split("\n").find((line) => ready.test(line));
    if (found !== undefined) return found;
    await delay(10);
  }
  return null;
}
