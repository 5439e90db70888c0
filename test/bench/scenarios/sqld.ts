import { withDistributed } from "../deployment.ts";
import { closedLoop, percentile, type Throughput } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { STEPS, TEN_STEPS } from "../workflows.ts";
import { ceilingTrial, comparedRows } from "./throughput.ts";

/** An API process and one or two worker processes on sqld and nats-server, runs started over HTTP. */
export const sqld: Scenario = {
  name: "sqld",
  summary: "ten-step runs, API and one or two workers as processes of their own on sqld and nats-server",
  parts: [(bench) => rowsFor(bench, "sqld", 1), (bench) => rowsFor(bench, "sqld, two workers", 2)],
};

function rowsFor(bench: Bench, name: string, workers: number): Promise<readonly Row[]> {
  return comparedRows(
    bench,
    name,
    {
      ours: (inFlight) => trial(bench, workers, inFlight),
      ceiling: ceilingTrial(bench, { sqld: true, nats: true }),
    },
    { rateAt64: 0.65 },
  );
}

/** Seen from outside: a step's time is its run's, the start over HTTP included, divided by ten. */
function trial(bench: Bench, workers: number, inFlight: number): Promise<Throughput> {
  return withDistributed(bench, workers, [TEN_STEPS], ({ api }) => {
    const runs: { readonly end: number; readonly ms: number }[] = [];
    let begun = 0;
    const runOnce = async () => {
      const start = performance.now();
      const status = await api.finish(TEN_STEPS.id);
      if (status !== "COMPLETED") throw new Error(`a run ended ${status}`);
      const end = performance.now();
      runs.push({ end, ms: end - start });
    };
    const { warmUpMs, windowMs } = bench;
    return closedLoop(
      { warmUpMs, windowMs, inFlight, runOnce },
      {
        open() {
          begun = performance.now();
        },
        close() {
          const seconds = (performance.now() - begun) / 1000;
          const times = runs.filter(({ end }) => end >= begun).map(({ ms }) => ms / STEPS);
          return {
            stepsPerSecond: (times.length * STEPS) / seconds,
            stepMsP50: percentile(times, 0.5),
            stepMsP99: percentile(times, 0.99),
            steps: times.length * STEPS,
            // Not this process's business: the work is done in others.
            cpuMicrosPerStep: Number.NaN,
          };
        },
      },
    );
  });
}
