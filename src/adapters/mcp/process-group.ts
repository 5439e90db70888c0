import { type ChildProcessByStdio, spawn } from "node:child_process";
import { statSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** How long a process may take to end when its input does, and when it is told to. */
const EOF_GRACE_MS = 1000;
const TERM_GRACE_MS = 2000;
const LOOK_AGAIN_MS = 20;

const groups = new Set<number>();
let watchesExit = false;

/**
 * Starts a program as the leader of a process group of its own, so that it and all that it starts can be ended. A
 * Ctrl-C in Station's terminal does not reach it: Station ends it when it is done with it.
 */
export function spawnGroup(program: {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}): Promise<Child> {
  const { command, args, env, cwd } = program;
  const child = spawn(command, args, { env, cwd, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(startError(error, command, cwd)));
    child.once("spawn", () => {
      remember(child);
      resolve(child);
    });
  });
}

/** Ends the whole group: end of input, then SIGTERM, then SIGKILL. Resolves when nothing of it is left. */
export async function endGroup(child: Child): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  child.stdin.end();
  if (!(await isGoneWithin(pid, isRunning(child) ? EOF_GRACE_MS : 0))) {
    signalGroup(pid, "SIGTERM");
    if (!(await isGoneWithin(pid, TERM_GRACE_MS))) {
      signalGroup(pid, "SIGKILL");
      await isGoneWithin(pid, TERM_GRACE_MS);
    }
  }
  groups.delete(pid);
}

function isRunning({ exitCode, signalCode }: Child): boolean {
  return exitCode === null && signalCode === null;
}

/** Whatever happens to this process, its groups end with it; only SIGKILL leaves them to the end of their input. */
function remember({ pid }: Child): void {
  if (pid === undefined) return;
  groups.add(pid);
  if (watchesExit) return;
  watchesExit = true;
  process.on("exit", () => {
    for (const group of groups) signalGroup(group, "SIGKILL");
  });
}

async function isGoneWithin(pid: number, ms: number): Promise<boolean> {
  const until = Date.now() + ms;
  for (;;) {
    if (!signalGroup(pid, 0)) return true;
    if (Date.now() >= until) return false;
    await pause(LOOK_AGAIN_MS);
  }
}

/** False when nobody is left in the group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function startError(error: NodeJS.ErrnoException, command: string, cwd: string): Error {
  const isMissing = error.code === "ENOENT";
  const message =
    isMissing && !isFolder(cwd)
      ? "its working directory does not exist"
      : isMissing
        ? `the program "${command}" does not exist or is not on the PATH`
        : error.code === "EACCES"
          ? `the program "${command}" may not be executed`
          : `the program "${command}" cannot be started: ${error.code ?? error.message}`;
  return new Error(message, { cause: error });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
