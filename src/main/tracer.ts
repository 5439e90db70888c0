import { parentPort, workerData } from "node:worker_threads";
import { type Loan, openTracedStore } from "../adapters/libsql/traced-store.ts";
import { createOtlpExporter, type OtlpOptions } from "../adapters/otlp/exporter.ts";
import type { Log } from "../engine/ports.ts";
import { traceRuns } from "../engine/trace-runs.ts";
import { systemClock } from "./clock.ts";

// The thread that traces: reads the trail, makes spans of it and posts them, so that the work itself pays nothing for it.

/** What the thread is started with. */
export type TracerData = {
  readonly holder: string;
  readonly loan: Loan;
  readonly collector: Omit<OtlpOptions, "log">;
  /** Events that are read at once. */
  readonly batch: number;
  readonly flushMs: number;
};

/** What it says. */
export type TracerSays =
  | { readonly log: keyof Log; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly sent: number }
  | { readonly failed: true };

/** What it is told. */
export type TracerHears = "stop";

const port = parentPort;
if (port === null) throw new Error("tracer.ts runs in a worker thread only");
const say = (said: TracerSays) => port.postMessage(said);
const logged =
  (log: keyof Log): Log[keyof Log] =>
  (message, facts = {}) =>
    say({ log, message, facts });
const log: Log = { info: logged("info"), warn: logged("warn"), error: logged("error") };

const { holder, loan, collector, batch, flushMs } = workerData as TracerData;
const stopping = new AbortController();
port.on("message", (_: TracerHears) => stopping.abort());

const exporter = createOtlpExporter({ ...collector, log });
const store = openTracedStore(loan);
await traceRuns(
  {
    store,
    clock: systemClock,
    log,
    exporter: {
      close: () => exporter.close(),
      async send(spans) {
        try {
          await exporter.send(spans);
        } catch (error) {
          say({ failed: true });
          throw error;
        }
        say({ sent: spans.length });
      },
    },
  },
  holder,
  { everyMs: 500, leaseMs: 5000, batch, flushMs },
  stopping.signal,
);
await exporter.close();
await store.close();
port.close();
