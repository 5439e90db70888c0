import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.ts";

/** A line of a process's log. */
export type Line = { readonly level: string; readonly message: string } & Readonly<Record<string, unknown>>;

type Facts = Readonly<Record<string, unknown>>;

/** How a process ended. */
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A real process of Station. */
export type StationProcess = {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Its log so far; what is no JSON line (a usage message, a stack) is only in `text`. */
  readonly lines: readonly Line[];
  text(): string;
  /** The first line that has this message and these facts. */
  find(message: string, facts?: Facts): Line | undefined;
  /** The same; waits for it. */
  logged(message: string, facts?: Facts): Promise<Line>;
  /** SIGKILL: no goodbye. */
  kill(): Promise<Ended>;
  /** SIGTERM: the orderly way. */
  stop(): Promise<Ended>;
};

/** A file of `src/main` that can be started. */
export type Program = "api" | "worker" | "migrate" | "healthcheck";

/** What a process is started with: exactly these variables, in this directory. */
export type Launch = {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
};

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts a program, through the command `by` if there is one; does not wait for anything. */
export function launch(program: Program, options: Launch, by: readonly string[] = []): StationProcess {
  return launchCommand([...by, process.execPath, ...argumentsFor(program)], options);
}

/** The bundle that `programs.ts` has made; elsewhere the sources. */
function argumentsFor(program: Program): readonly string[] {
  const bundled = process.env["STATION_TEST_PROGRAMS"];
  if (bundled !== undefined) return [join(bundled, `${program}.mjs`)];
  const pathOf = (name: string) => fileURLToPath(new URL(`../../../../src/main/${name}.ts`, import.meta.url));
  return ["--import", pathOf("keep-compiled"), pathOf(program)];
}

/** Starts a program of Station in any other form. */
export function launchCommand(command: readonly string[], { directory, env }: Launch): StationProcess {
  const [executable = "", ...args] = command;
  const program = args.at(-1);
  const child = spawn(executable, args, {
    cwd: directory,
    stdio: ["ignore", "inherit", "pipe"],
    env: { PATH: process.env["PATH"], ...env },
  });
  running.add(child);
  const ended = once(child, "exit").then(([code, signal]): Ended => {
    running.delete(child);
    return { code, signal };
  });
  const texts: string[] = [];
  const lines: Line[] = [];
  const reading = createInterface({ input: child.stderr }).on("line", (text) => {
    texts.push(text);
    if (text.startsWith("{")) lines.push(JSON.parse(text));
  });
  const all = Promise.all([ended, once(reading, "close")]).then(([how]) => how);
  const end = (signal: "SIGTERM" | "SIGKILL") => {
    child.kill(signal);
    return all;
  };
  const text = () => texts.join("\n");
  const find = (message: string, facts: Facts = {}) =>
    lines.find((line) => line.message === message && has(line, facts));

  return {
    pid: child.pid ?? 0,
    ended: all,
    lines,
    text,
    find,
    logged: (message, facts = {}) =>
      eventually(
        async () => {
          const found = find(message, facts);
          if (!found && child.exitCode !== null) throw new Error(`${program} has ended:\n${text()}`);
          return found;
        },
        () =>
          `${program} never logged "${message}" ${JSON.stringify(facts)}:\n${texts.slice(-30).join("\n")}`,
      ),
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

function has(line: Line, facts: Facts): boolean {
  return Object.entries(facts).every(([name, value]) => line[name] === value);
}
