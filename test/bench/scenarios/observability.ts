import type { Observed } from "../engine.ts";
import { inChild } from "../isolate.ts";
import { alternate, median } from "../measure.ts";
import type { measure, Work } from "../our-work.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { startTraceSink } from "../trace-sink.ts";

const IN_FLIGHT = 64;

/** The whole engine on a file with and without what an operator looks at, taking turns. */
export const observability: Scenario = {
  name: "observability",
  summary: "what traces and metrics cost the whole engine in one process on a file",
  parts: [
    (bench) => rowsFor(bench, "metrics", { collectorUrl: null, metrics: true }),
    async (bench) => {
      const sink = await startTraceSink();
      try {
        const rows = await rowsFor(bench, "traces and metrics", { collectorUrl: sink.url, metrics: true });
        if (sink.bytes === 0) throw new Error("no trace was sent");
        return rows;
      } finally {
        await sink.close();
      }
    },
  ],
};

async function rowsFor(bench: Bench, name: string, observed: Observed): Promise<readonly Row[]> {
  const trial = (how: Observed) => async () => {
    const directory = await bench.directory("observability");
    const work = bench.isQuick ? { warmUpRuns: 30, runs: 60 } : { warmUpRuns: 500, runs: 1500 };
    const options = { ...work, inFlight: IN_FLIGHT, directory, natsUrl: null, observed: how };
    const module = new URL("../our-work.ts", import.meta.url);
    return inChild<typeof measure>(module, options, directory);
  };
  bench.say(`observability: ${name}`);
  const { first, second } = await alternate(
    bench.trials,
    trial(observed),
    trial({ collectorUrl: null, metrics: false }),
  );
  const row = (figure: string, unit: string, field: keyof Work, target: Row["target"]): Row => ({
    scenario: "observability",
    figure: `${name}: ${figure}`,
    unit,
    inFlight: IN_FLIGHT,
    ours: median(first.map((each) => each[field])),
    other: median(second.map((each) => each[field])),
    target,
    details: { with: first, without: second },
  });
  return [
    row("throughput", "steps/s", "stepsPerSecond", { ratioAtLeast: 0.9 }),
    row("CPU per step, with all that follows", "µs", "cpuMicrosPerStep", null),
    row("CPU per step of the thread that works", "µs", "mainCpuMicrosPerStep", { ratioAtMost: 1.1 }),
  ];
}
