import type { Log } from "../engine/ports.ts";
import { type Config, describeProblems, type Environment, loadConfig, type Problem } from "./config.ts";
import { createLog } from "./log.ts";

/** Configuration and log of a serving process; a list of everything that is wrong ends it with exit code 2. */
export function configured(env: Environment, extra: (config: Config) => readonly Problem[] = () => []) {
  const loaded = loadConfig(env, { isTty: process.stderr.isTTY });
  const problems = loaded.ok ? extra(loaded.config) : loaded.problems;
  if (!loaded.ok || problems.length > 0) {
    process.stderr.write(`Station cannot start with this configuration:\n${describeProblems(problems)}\n`);
    process.exit(2);
  }
  const log = createLog(loaded.config.log, (line) => process.stderr.write(line));
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

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
