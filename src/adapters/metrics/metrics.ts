import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Expressions } from "../../engine/ports/expressions.ts";
import type { Store } from "../../engine/ports.ts";
import { counting } from "./counting-store.ts";
import { collectWhenAsked, type Sources } from "./gauges.ts";

/** A process's figures in the Prometheus text format; see README.md for what each means. */
export type Metrics = {
  /** The figures of now; one that cannot be found out is `NaN`. */
  text(): Promise<string>;
  /** The same store, whose commits are counted. */
  store(store: Store): Store;
  /** The same evaluator, whose time is measured. */
  expressions(expressions: Expressions): Expressions;
  /** A request was answered after so many milliseconds. */
  answered(
    request: { readonly route: string; readonly method: string; readonly status: number },
    ms: number,
  ): void;
  /** An event stream was opened or closed. */
  streaming(change: 1 | -1): void;
  /** So many transitions shared a transaction, which took so many milliseconds. */
  committed(transitions: number, ms: number): void;
  /** What came of sending spans, and that the thread for it was replaced. */
  readonly tracing: { sent(spans: number): void; failed(): void; restarted(): void };
  /** What the process knows of itself and of the others, asked for when somebody looks. */
  watch(sources: Sources): void;
};

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const MICRO = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.1, 1];

export function createMetrics(build: { readonly version: string; readonly program: string }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "station_build_info",
    help: "1, with the version and the program of this process",
    labelNames: ["version", "program", "node"],
    registers,
  }).set({ ...build, node: process.version }, 1);
  const requests = new Histogram({
    name: "station_http_request_duration_seconds",
    help: "From a request's arrival to the beginning of its answer",
    labelNames: ["route", "method", "status"],
    buckets: SECONDS,
    registers,
  });
  const streams = new Gauge({
    name: "station_event_streams",
    help: "Clients that follow a run or the lists by server-sent events",
    registers,
  });
  const groups = new Histogram({
    name: "station_commit_group_size",
    help: "Transitions that shared a transaction",
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  const commits = new Histogram({
    name: "station_commit_duration_seconds",
    help: "How long a transaction with its flush to the disk took",
    buckets: SECONDS,
    registers,
  });
  const evaluations = new Histogram({
    name: "station_expression_duration_seconds",
    help: "How long the expressions of one decision took, with the wait for a thread",
    buckets: MICRO,
    registers,
  });
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const spans = counter("station_spans_sent_total", "Spans that the collector took");
  const refusals = counter(
    "station_span_failures_total",
    "Batches of spans that the collector did not take; they are sent again",
  );
  const restarts = counter(
    "station_tracer_restarts_total",
    "Times the thread that traces died and was started again",
  );
  let ask = async () => {};
  return {
    async text() {
      await ask();
      return registry.metrics();
    },
    store: (store) => counting(store, registry),
    expressions: (expressions) => ({
      ...expressions,
      async evaluate(...args) {
        const stop = evaluations.startTimer();
        try {
          return await expressions.evaluate(...args);
        } finally {
          stop();
        }
      },
    }),
    answered: ({ route, method, status }, ms) =>
      requests.observe({ route, method, status: String(status) }, ms / 1000),
    streaming: (change) => streams.inc(change),
    committed(transitions, ms) {
      groups.observe(transitions);
      commits.observe(ms / 1000);
    },
    tracing: {
      sent: (count) => spans.inc(count),
      failed: () => refusals.inc(),
      restarted: () => restarts.inc(),
    },
    watch: (sources) => {
      ask = collectWhenAsked(registry, sources);
    },
  };
}
