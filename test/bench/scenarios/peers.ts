import { readFile } from "node:fs/promises";
import { inChild } from "../isolate.ts";
import type { Throughput } from "../measure.ts";
import type { MeasurePeer, PeerTrial } from "../peer.ts";
import { type PeerResult, peerRows } from "../peer-rows.ts";
import { preparePeers } from "../peers/prepare.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
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
];

async function rowsAt(bench: Bench, inFlight: number): Promise<readonly Row[]> {
  preparePeers();
  bench.say(`peers: ${inFlight} in flight`);
  const version = await versions();
  const ours: Throughput[] = [];
  const results = new Map<string, PeerResult>();
  // In turn, so that a machine that slows down slows all; whoever has failed is not asked again.
  for (let round = 0; round < bench.trials; round++) {
    ours.push(await ourTrial(bench, { nats: false })(inFlight));
    for (const { name, program, package: from } of PEERS) {
      const before = results.get(name) ?? null;
      if (before !== null && "failure" in before) continue;
      try {
        const trial = await trialOf(bench, program, inFlight);
        const trials = before === null ? ([trial] as const) : ([...before.trials, trial] as const);
        results.set(name, { name, software: `${from} ${version[from]}`, trials });
      } catch (error) {
        process.exitCode = 1;
        const message = error instanceof Error ? error.message : String(error);
        bench.say(`${name} failed: ${message}`);
        results.set(name, { name, failure: message.split("\n")[0] ?? "" });
      }
    }
  }
  return peerRows(inFlight, ours, [...results.values()]);
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

/** The version of each package. */
async function versions(): Promise<Readonly<Record<string, string>>> {
  const { dependencies } = JSON.parse(await readFile(new URL("package.json", FOLDER), "utf8"));
  return dependencies;
}
