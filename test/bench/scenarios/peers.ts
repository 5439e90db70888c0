import { readFile } from "node:fs/promises";
import { inChild } from "../isolate.ts";
import { medianOf, type Throughput } from "../measure.ts";
import type { MeasurePeer, PeerTrial } from "../peer.ts";
import { preparePeers } from "../peers/prepare.ts";
import type { Bench, Row, Scenario, Target } from "../scenario.ts";
import { ourTrial } from "./throughput.ts";

/** Other durable engines with the same job, each set so that what it has told is on the disk. */
export const peers: Scenario = {
  name: "peers",
  summary: "ten-step runs through Restate, DBOS, OpenWorkflow and Mastra, and through the engine on a file",
  parts: [(bench) => rowsAt(bench, 1), (bench) => rowsAt(bench, 16), (bench) => rowsAt(bench, 64)],
};

const FOLDER = new URL("../peers/", import.meta.url);
const PEERS = [
  { name: "Restate", program: "restate.ts", package: "@restatedev/restate-server" },
  { name: "DBOS", program: "dbos.ts", package: "@dbos-inc/dbos-sdk" },
  { name: "OpenWorkflow", program: "openworkflow.ts", package: "openworkflow" },
  { name: "Mastra", program: "mastra.ts", package: "@mastra/core" },
] as const;

type Contestant = (typeof PEERS)[number] & { readonly trials: PeerTrial[]; failure: string | null };

async function rowsAt(bench: Bench, inFlight: number): Promise<readonly Row[]> {
  preparePeers();
  bench.say(`peers: ${inFlight} in flight`);
  const ours: Throughput[] = [];
  const contestants = PEERS.map((peer): Contestant => ({ ...peer, trials: [], failure: null }));
  // In turn, so that a machine that slows down slows all; whoever has failed is not asked again.
  for (let round = 0; round < bench.trials; round++) {
    ours.push(await ourTrial(bench, { nats: false })(inFlight));
    for (const contestant of contestants) {
      if (contestant.failure !== null) continue;
      try {
        contestant.trials.push(await trialOf(bench, contestant.program, inFlight));
      } catch (error) {
        process.exitCode = 1;
        const message = error instanceof Error ? error.message : String(error);
        bench.say(`${contestant.name} failed: ${message}`);
        contestant.failure = message.split("\n")[0] ?? "";
      }
    }
  }
  return rowsOf(inFlight, ours, contestants, await versions());
}

async function trialOf(bench: Bench, program: string, inFlight: number): Promise<PeerTrial> {
  const directory = await bench.directory("peer");
  const { warmUpMs, windowMs } = bench;
  return inChild<MeasurePeer>(
    new URL(program, FOLDER),
    { warmUpMs, windowMs, inFlight, directory },
    directory,
  );
}

/** The installed version of each package. */
async function versions(): Promise<Readonly<Record<string, string>>> {
  const { dependencies } = JSON.parse(await readFile(new URL("package.json", FOLDER), "utf8"));
  return dependencies;
}

function rowsOf(
  inFlight: number,
  trials: readonly Throughput[],
  contestants: readonly Contestant[],
  version: Readonly<Record<string, string>>,
): readonly Row[] {
  const ours = medianOf(trials);
  const row = (peer: Measured | null, kind: Kind, suffix: string, target: Target | null): Row => ({
    scenario: "peers",
    figure: `${KINDS[kind].figure}, ${suffix}`,
    unit: KINDS[kind].unit,
    inFlight,
    ours: ours[kind],
    other: peer?.median[kind] ?? null,
    target,
  });
  const measured = contestants
    .filter(({ failure }) => failure === null)
    .map((peer): Measured => ({ ...peer, median: medianOf(peer.trials) }));
  const best = (kind: Kind, order: (one: number, other: number) => number) =>
    measured.toSorted((one, other) => order(one.median[kind], other.median[kind]))[0] ?? null;
  const fastest = best("stepsPerSecond", (one, other) => other - one);
  const quickest = best("stepMsP50", (one, other) => one - other);
  return [
    ...measured.flatMap((peer) => {
      const note = `${peer.name}: ${peer.package} ${version[peer.package]}, ${peer.trials[0]?.setup}`;
      const details = { ours: trials, [peer.name]: peer.trials };
      return [
        { ...row(peer, "stepsPerSecond", peer.name, null), note, details },
        row(peer, "stepMsP50", peer.name, null),
        row(peer, "cpuMicrosPerStep", peer.name, null),
      ];
    }),
    ...contestants
      .filter(({ failure }) => failure !== null)
      .map(({ name, failure }) => ({
        ...row(null, "stepsPerSecond", name, null),
        note: `${name} is not measured: ${failure}`,
      })),
    ...(inFlight === 64
      ? [row(fastest, "stepsPerSecond", `the fastest: ${fastest?.name}`, { ratioAtLeast: 4 })]
      : []),
    ...(inFlight === 1
      ? [row(quickest, "stepMsP50", `the quickest: ${quickest?.name}`, { ratioAtMost: 1 })]
      : []),
  ];
}

type Measured = Contestant & { readonly median: Throughput };

const KINDS = {
  stepsPerSecond: { figure: "throughput", unit: "steps/s" },
  stepMsP50: { figure: "step to step p50", unit: "ms" },
  cpuMicrosPerStep: { figure: "CPU per step", unit: "µs" },
} as const;
type Kind = keyof typeof KINDS;
