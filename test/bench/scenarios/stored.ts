import type { Filled, measure as fill } from "../fill-store.ts";
import { inChild } from "../isolate.ts";
import { alternate, medianOf, type Throughput } from "../measure.ts";
import type { measure } from "../our-loop.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";

const IN_FLIGHT = 64;

/** Whether the engine feels what it has stored. */
export const stored: Scenario = {
  name: "stored",
  summary:
    "throughput with 10,000,000 stored steps (--steps) against an empty database; ten minutes and 25 GB",
  parts: [fullAgainstEmpty],
};

async function fullAgainstEmpty(bench: Bench): Promise<readonly Row[]> {
  const full = await bench.directory("stored");
  const steps = bench.isQuick ? Math.min(bench.storedSteps, 50_000) : bench.storedSteps;
  bench.say(`stored: filling a database with ${steps.toLocaleString("en")} steps`);
  const module = new URL("../fill-store.ts", import.meta.url);
  const filled: Filled = await inChild<typeof fill>(module, { directory: full, steps }, full);
  bench.say(`stored: ${filled.events.toLocaleString("en")} events in ${Math.round(filled.seconds)} s`);
  const { first, second } = await alternate(
    bench.trials,
    () => trial(bench, full),
    async () => trial(bench, await bench.directory("empty")),
  );
  const [ours, other] = [medianOf(first), medianOf(second)];
  const note = `${filled.steps.toLocaleString("en")} stored steps, ${filled.events.toLocaleString("en")} events`;
  const row = (figure: string, unit: string, field: keyof Throughput, target: Row["target"]): Row => ({
    scenario: "stored",
    figure,
    unit,
    inFlight: IN_FLIGHT,
    ours: ours[field],
    other: other[field],
    target,
    note,
    ...(target && { details: { filled, full: first, empty: second } }),
  });
  return [
    row("throughput, against an empty database", "steps/s", "stepsPerSecond", { ratioAtLeast: 0.9 }),
    row("step to step p50, against an empty database", "ms", "stepMsP50", null),
    row("step to step p99, against an empty database", "ms", "stepMsP99", null),
    row("CPU per step, against an empty database", "µs", "cpuMicrosPerStep", null),
  ];
}

function trial({ warmUpMs, windowMs }: Bench, directory: string): Promise<Throughput> {
  const module = new URL("../our-loop.ts", import.meta.url);
  const options = { warmUpMs, windowMs, inFlight: IN_FLIGHT, directory, natsUrl: null };
  return inChild<typeof measure>(module, options, directory);
}
