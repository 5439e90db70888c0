import { join } from "node:path";
import type { CeilingOptions, measure as measureCeiling } from "../ceiling/ceiling.ts";
import { inChild } from "../isolate.ts";
import { alternate, medianOf, type Throughput } from "../measure.ts";
import type { measure as measureOurs } from "../our-loop.ts";
import type { Bench, Row, Target } from "../scenario.ts";
import { withServers } from "../servers.ts";

const IN_FLIGHT = [1, 16, 64, 256];

/** What one contestant achieves at so many runs in flight, in a trial of its own. */
type Trial = (inFlight: number) => Promise<Throughput>;

/** The bare loop: each trial with a fresh database, and fresh servers where it needs any. */
export function ceilingTrial(bench: Bench, kind: { readonly sqld: boolean; readonly nats: boolean }): Trial {
  return (inFlight) =>
    withServers(kind, async ({ natsUrl, sqldUrl }) => {
      const directory = await bench.directory("ceiling");
      const options: CeilingOptions = {
        warmUpMs: bench.warmUpMs,
        windowMs: bench.windowMs,
        inFlight,
        database: sqldUrl === null ? { file: join(directory, "bare.db") } : { sqld: sqldUrl },
        natsUrl,
      };
      const module = new URL("../ceiling/ceiling.ts", import.meta.url);
      return inChild<typeof measureCeiling>(module, options, directory);
    });
}

/** The engine in one process on a file. */
export function ourTrial(bench: Bench, kind: { readonly nats: boolean }): Trial {
  return (inFlight) =>
    withServers({ sqld: false, ...kind }, async ({ natsUrl }) => {
      const directory = await bench.directory("ours");
      const { warmUpMs, windowMs } = bench;
      const module = new URL("../our-loop.ts", import.meta.url);
      return inChild<typeof measureOurs>(
        module,
        { warmUpMs, windowMs, inFlight, directory, natsUrl },
        directory,
      );
    });
}

/** Only the bare loop, at each number in flight. */
export async function ceilingRows(bench: Bench, scenario: string, trial: Trial): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const inFlight of IN_FLIGHT) {
    const trials: Throughput[] = [];
    for (let round = 0; round < bench.trials; round++) trials.push(await trial(inFlight));
    rows.push(...rowsOf(scenario, inFlight, { ours: null, ceiling: trials }, {}));
  }
  return rows;
}

/** Both, taking turns, at each number in flight. */
export async function comparedRows(
  bench: Bench,
  scenario: string,
  contestants: { readonly ours: Trial; readonly ceiling: Trial },
  targets: Targets,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const inFlight of IN_FLIGHT) {
    bench.say(`${scenario}: ${inFlight} in flight`);
    const { ours, ceiling } = contestants;
    const results = await alternate(
      bench.trials,
      () => ours(inFlight),
      () => ceiling(inFlight),
    );
    rows.push(...rowsOf(scenario, inFlight, { ours: results.first, ceiling: results.second }, targets));
  }
  return rows;
}

type Targets = {
  /** The least share of the ceiling's steps per second at 64 in flight. */
  readonly rateAt64?: number;
  /** How many times the ceiling's time a step of a lone run may take. */
  readonly loneStep?: number;
};

function rowsOf(
  scenario: string,
  inFlight: number,
  trials: { readonly ours: readonly Throughput[] | null; readonly ceiling: readonly Throughput[] },
  { rateAt64, loneStep }: Targets,
): readonly Row[] {
  const ours = trials.ours && medianOf(trials.ours);
  const ceiling = medianOf(trials.ceiling);
  const row = (figure: string, unit: string, field: keyof Throughput, target: Target | null): Row => ({
    scenario,
    figure,
    unit,
    inFlight,
    ours: ours?.[field] ?? null,
    other: ceiling[field],
    target,
    ...(field === "stepsPerSecond" && { details: trials }),
  });
  const ratioAtLeast = inFlight === 64 && rateAt64 !== undefined ? { ratioAtLeast: rateAt64 } : null;
  const ratioAtMost = inFlight === 1 && loneStep !== undefined ? { ratioAtMost: loneStep } : null;
  return [
    row("throughput", "steps/s", "stepsPerSecond", ratioAtLeast),
    row("step to step p50", "ms", "stepMsP50", ratioAtMost),
    row("step to step p99", "ms", "stepMsP99", null),
    row("CPU per step", "µs", "cpuMicrosPerStep", null),
  ];
}
