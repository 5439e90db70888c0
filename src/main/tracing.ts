import { MessageChannel, Worker } from "node:worker_threads";
import type { LibsqlStore } from "../adapters/libsql/store.ts";
import type { Log } from "../engine/ports.ts";
import type { Config } from "./config.ts";
import type { TracerData, TracerHears, TracerSays } from "./tracer.ts";
import { version } from "./version.ts";

/** Told of what the thread that traces did. */
export type TracingFigures = {
  sent(spans: number): void;
  failed(): void;
  restarted(): void;
};

/** A thread that traces runs, replaced when it dies. */
export type Tracing = {
  /** Sends what is left, for ten seconds at most, and ends. */
  stop(): Promise<void>;
};

/** How long what is left is sent, and how long the thread may take for all of its end. */
const FLUSH_MS = 10_000;
const STOP_MS = 15_000;
/** A server reads what it is asked for on the one connection that a process has; a file's process has told most of it. */
const BATCH = { file: 4_000, remote: 1_000 };
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

/** Starts to trace what the store keeps, under the name of a process; only where there is a collector. */
export function startTracing(
  { tracing, database }: Pick<Config, "tracing" | "database">,
  { lend }: Pick<LibsqlStore, "lend">,
  { holder, log, figures }: { readonly holder: string; readonly log: Log; readonly figures: TracingFigures },
): Tracing | null {
  if (tracing === null) return null;
  let isStopping = false;
  let pauseMs = FIRST_PAUSE_MS;
  let again: NodeJS.Timeout | undefined;
  let thread: Worker;

  const start = () => {
    const { port1, port2: port } = new MessageChannel();
    const underWay = new Int32Array(new SharedArrayBuffer(4));
    lend(port1, underWay);
    const data: TracerData = {
      holder,
      loan: { port, underWay },
      collector: { ...tracing, serviceVersion: version },
      batch: BATCH[database.kind],
      flushMs: FLUSH_MS,
    };
    thread = new Worker(threadUrl(), {
      workerData: data,
      transferList: [port],
      execArgv: [],
      stdin: false,
    });
    let cause: unknown = null;
    thread.on("message", (said: TracerSays) => {
      if ("log" in said) log[said.log](said.message, said.facts);
      else if ("failed" in said) figures.failed();
      else {
        pauseMs = FIRST_PAUSE_MS;
        figures.sent(said.sent);
      }
    });
    thread.on("error", (error) => {
      cause = error;
    });
    thread.on("exit", (code) => {
      if (isStopping) return;
      log.error("tracer died", { code, error: String(cause), restart_ms: pauseMs });
      figures.restarted();
      again = setTimeout(start, pauseMs);
      again.unref();
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    });
  };
  start();

  return {
    async stop() {
      isStopping = true;
      clearTimeout(again);
      if (thread.threadId === -1) return;
      const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
      thread.postMessage("stop" satisfies TracerHears);
      const late = setTimeout(() => void thread.terminate(), STOP_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** The thread's entry point lies beside this file, as source or as a bundle. */
function threadUrl(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./tracer.ts" : "./tracer.mjs", import.meta.url);
}
