import { fork } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

/** What a child is asked to do: call `measure` of a module. */
export type Errand = { readonly module: string; readonly options: unknown };
/** What it answers. */
export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: string };

/**
 * Calls `measure(options)` of a module in a fresh process, so that no trial inherits another's heap or compiled
 * code; the caller names its type and loads nothing of it. The child's standard output goes to a file in
 * `directory`: logging costs what it costs in production.
 */
export async function inChild<Measure extends (options: never) => Promise<unknown>>(
  module: URL,
  options: Parameters<Measure>[0],
  directory: string,
): Promise<Awaited<ReturnType<Measure>>> {
  const log = await open(join(directory, "child.log"), "a");
  const child = fork(CHILD, [], { stdio: ["ignore", log.fd, "inherit", "ipc"] });
  try {
    return await new Promise<Awaited<ReturnType<Measure>>>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) =>
        reject(new Error(`the measuring process ended: ${signal ?? code}`)),
      );
      child.once("message", (answer: Answer) => {
        if (answer.ok) resolve(answer.result as Awaited<ReturnType<Measure>>);
        else reject(new Error(answer.error));
      });
      child.send({ module: module.href, options } satisfies Errand);
    });
  } finally {
    child.kill("SIGKILL");
    await log.close();
  }
}
