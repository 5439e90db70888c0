import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { dyingWithUs } from "../support/server-process.ts";

/** How to run one process of Station. */
export type Program = {
  readonly name: string;
  readonly path: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
};

/** An end of the process: when we killed it (ms since 1970), or what it said when it ended by itself. */
export type Death = { readonly pid: number; readonly at: number; readonly lastWords: string | null };

const READY = /"message":"(?:listening|working)"/;
const RESTART_MS = 300;
const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** A process of Station that is started again whenever it ends, as a container platform does. */
export class Supervised {
  readonly name: string;
  readonly deaths: Death[] = [];
  readonly #program: Program;
  #child: ChildProcess | null = null;
  #gone: Promise<unknown> = Promise.resolve();
  #starts = 0;
  #isWanted = false;
  #isReady = false;

  constructor(program: Program) {
    this.#program = program;
    this.name = program.name;
  }

  start(): void {
    this.#isWanted = true;
    const { name, path, directory, env } = this.#program;
    const log = join(directory, `${name}-${String(++this.#starts).padStart(4, "0")}.log`);
    const output = openSync(log, "a");
    const [command, ...rest] = [...dyingWithUs(), process.execPath, path];
    const child = spawn(command as string, rest, {
      cwd: directory,
      stdio: ["ignore", output, output],
      env: { PATH: process.env["PATH"], ...env },
    });
    closeSync(output);
    children.add(child);
    this.#child = child;
    this.#isReady = false;
    this.#gone = new Promise<void>((resolve) => {
      child.once("exit", () => {
        children.delete(child);
        resolve();
        void this.#ended(child, log);
      });
    });
    void this.#watch(child, log);
  }

  /** Waits until the process has said that it is ready; false after `ms`. */
  async ready(ms: number): Promise<boolean> {
    for (const end = Date.now() + ms; Date.now() < end; await delay(20)) if (this.#isReady) return true;
    return this.#isReady;
  }

  /** SIGKILL, and a new start at once, or after `awayMs`; false when it was not there. */
  async kill(awayMs = 0): Promise<boolean> {
    const child = this.#child;
    if (!child) return false;
    this.#child = null;
    this.#isReady = false;
    child.kill("SIGKILL");
    this.deaths.push({ pid: child.pid ?? 0, at: Date.now(), lastWords: null });
    await this.#gone;
    if (awayMs > 0) await delay(awayMs);
    if (this.#isWanted) this.start();
    return true;
  }

  /** SIGSTOP for so long, then SIGCONT: a long pause of a virtual machine. */
  async freeze(ms: number): Promise<void> {
    const child = this.#child;
    child?.kill("SIGSTOP");
    await delay(ms);
    child?.kill("SIGCONT");
  }

  /** SIGTERM, and SIGKILL if that is not heard within ten seconds; false when it was not. */
  async stop(): Promise<boolean> {
    this.#isWanted = false;
    const child = this.#child;
    this.#child = null;
    child?.kill("SIGTERM");
    const inTime = await Promise.race([this.#gone.then(() => true), delay(10_000, false, { ref: false })]);
    if (!inTime) child?.kill("SIGKILL");
    await this.#gone;
    return inTime;
  }

  async #watch(child: ChildProcess, log: string): Promise<void> {
    while (this.#child === child && !this.#isReady) {
      const said = await readFile(log, "utf8").catch(() => "");
      if (this.#child === child) this.#isReady = READY.test(said);
      await delay(25);
    }
  }

  async #ended(child: ChildProcess, log: string): Promise<void> {
    if (this.#child !== child) return;
    this.#child = null;
    this.#isReady = false;
    const lastWords = (await readFile(log, "utf8")).slice(-1500);
    this.deaths.push({ pid: child.pid ?? 0, at: Date.now(), lastWords });
    await delay(RESTART_MS);
    if (this.#isWanted && this.#child === null) this.start();
  }
}
