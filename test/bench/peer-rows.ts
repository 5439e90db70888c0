import { medianOf, type Throughput } from "./measure.ts";
import type { PeerTrial } from "./peer.ts";
import type { Row, Target } from "./scenario.ts";

/** What came of a peer's trials; one that failed once has no figures. */
export type PeerResult =
  | {
      readonly name: string;
      /** Its main package with the version. */
      readonly software: string;
      readonly trials: readonly [PeerTrial, ...PeerTrial[]];
    }
  | { readonly name: string; readonly failure: string };

/** Ours beside each peer's, and at 64 and 1 in flight beside the best peer's. */
export function peerRows(
  inFlight: number,
  ours: readonly Throughput[],
  results: readonly PeerResult[],
): readonly Row[] {
  const measured = results.flatMap((result) =>
    "trials" in result ? [{ ...result, median: medianOf(result.trials) }] : [],
  );
  const row = (kind: Kind, whom: string, other: Throughput | null, target: Target | null): Row => ({
    scenario: "peers",
    figure: `${KINDS[kind].figure}, ${whom}`,
    unit: KINDS[kind].unit,
    inFlight,
    ours: medianOf(ours)[kind],
    other: other?.[kind] ?? null,
    target,
  });
  // Whoever could not be measured may have been better: without all of them nothing is said of the target.
  const beside = (kind: Kind, whom: string, order: Order, target: Target): readonly Row[] => {
    const [best] = measured.toSorted((one, other) => order(one.median[kind], other.median[kind]));
    const isWhole = measured.length === results.length;
    return best === undefined
      ? []
      : [row(kind, `${whom}: ${best.name}`, best.median, isWhole ? target : null)];
  };
  return [
    ...results.flatMap((result): readonly Row[] => {
      const { name } = result;
      if ("failure" in result)
        return [
          { ...row("stepsPerSecond", name, null, null), note: `${name} is not measured: ${result.failure}` },
        ];
      const median = medianOf(result.trials);
      const note = `${name}: ${result.software}, ${result.trials[0].setup}`;
      return [
        { ...row("stepsPerSecond", name, median, null), note, details: { ours, other: result.trials } },
        row("stepMsP50", name, median, null),
        row("cpuMicrosPerStep", name, median, null),
      ];
    }),
    ...(inFlight === 64 ? beside("stepsPerSecond", "the fastest", descending, { ratioAtLeast: 4 }) : []),
    ...(inFlight === 1 ? beside("stepMsP50", "the quickest", ascending, { ratioAtMost: 1 }) : []),
  ];
}

const KINDS = {
  stepsPerSecond: { figure: "throughput", unit: "steps/s" },
  stepMsP50: { figure: "step to step p50", unit: "ms" },
  cpuMicrosPerStep: { figure: "CPU per step", unit: "µs" },
} as const;
type Kind = keyof typeof KINDS;

type Order = (one: number, other: number) => number;
const ascending: Order = (one, other) => one - other;
const descending: Order = (one, other) => other - one;
