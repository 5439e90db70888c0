import { reasonsOf } from "../core/reasons.ts";
import type { Log } from "../engine/ports.ts";
import { describeProblems, loadConfig, problemsOfWorker } from "./config.ts";
import type { Environment, Problem } from "./environment-reader.ts";
import { createLog, gathered } from "./log.ts";

/** Configuration and log of a program; a list of everything that is wrong ends it with exit code 2. */
export function configured(env: Environment, program: "api" | "worker" | "migrate") {
  const loaded = loadConfig(env, { isTty: process.stderr.isTTY, serves: program === "api" });
  const own: readonly Problem[] = loaded.ok && program === "worker" ? problemsOfWorker(loaded.config) : [];
  const problems = loaded.ok ? own : loaded.problems;
  if (!loaded.ok || problems.length > 0) {
    process.stderr.write(
      `Station cannot start with this configuration:\n${describeProblems([...problems, ...loaded.warnings])}\n`,
    );
    process.exit(2);
  }
  const out = gathered((text) => process.stderr.write(text));
  process.on("exit", out.flush);
  const log = createLog(loaded.config.log, out.write);
  for (const { name, message } of loaded.warnings) log.warn("configuration", { name, problem: message });
  return { config: loaded.config, log };
}

/** Aborts at the first SIGINT or SIGTERM; at the second, or when draining takes too long, the process ends at once. */
export function untilStopped(log: Log, drainTimeoutMs: number): AbortSignal {
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(130);
    log.info("stopping", { signal });
    setTimeout(() => {
      log.error("not done in time", { drain_timeout_ms: drainTimeoutMs });
      process.exit(1);
    }, drainTimeoutMs).unref();
    stopping.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return stopping.signal;
}

/** Ends a process that could not start: says why and exits with 1, or with 0 when it was stopped meanwhile. */
export function cannotStart(log: Log, stopped: AbortSignal): (error: unknown) => never {
  return (error) => {
    if (stopped.aborted) process.exit(0);
    log.error("cannot start", {
      error: reasonsOf(error),
      ...(error instanceof Error && { stack: error.stack }),
    });
    process.exit(1);
  };
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
