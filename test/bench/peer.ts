import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { closedLoop, StepClock, type Throughput, type Window } from "./measure.ts";
import { cpuMicrosOfChildren } from "./process-usage.ts";
import { STEPS } from "./workflows.ts";

/** How to run a peer for a trial. */
export type PeerOptions = Window & { readonly inFlight: number; readonly directory: string };

/** What a peer achieved; its servers' CPU is in it. */
export type PeerTrial = Throughput & {
  /** The versions of its servers and the settings of its durability, as they were found in force. */
  readonly setup: string;
  readonly runs: number;
};

/** What a peer's program exports. */
export type MeasurePeer = (options: PeerOptions) => Promise<PeerTrial>;

/** The one output that steps and runs have. */
export type Output = { readonly ok: true };

/** The simplest step there is, called by the peer for each of a run's steps. */
export type Step = (runId: string) => Promise<Output>;

/** A peer that is ready to work. */
export type Peer = {
  readonly setup: string;
  /** Starts a run of ten steps one after the other; resolves with its output as soon as the peer tells it. */
  run(runId: string): Promise<unknown>;
  /** How many runs are kept as ended well, and how many steps as finished, according to its database. */
  kept(): Promise<{ readonly runs: number; readonly steps: number }>;
  close(): Promise<void>;
};

/** How long the last runs of a trial may take to end. */
const PATIENCE_MS = 60_000;

/** The standard job through a peer. Rejects unless each run had its output, and all runs and steps were kept. */
export async function measurePeer(
  options: PeerOptions,
  open: (step: Step, options: PeerOptions) => Promise<Peer>,
): Promise<PeerTrial> {
  const clock = new StepClock();
  let executed = 0;
  const peer = await open(async (runId) => {
    executed++;
    clock.step(runId);
    return { ok: true };
  }, options);
  try {
    let runs = 0;
    const runOnce = async () => {
      const runId = `run-${runs++}`;
      const output = await peer.run(runId);
      clock.end(runId);
      if (!isDeepStrictEqual(output, { ok: true }))
        throw new Error(`${runId} ended with ${JSON.stringify(output)}`);
      // With a driver that never waits, nothing else would come to its turn: not even the end of the window.
      await turn();
    };
    const deadline = delay(options.warmUpMs + options.windowMs + PATIENCE_MS, undefined, { ref: false });
    const throughput = await Promise.race([
      closedLoop({ ...options, runOnce }, withServers(clock)),
      deadline.then(() =>
        Promise.reject(new Error(`some runs have not ended ${PATIENCE_MS / 1000} s after the window`)),
      ),
    ]);
    const kept = await peer.kept();
    if (kept.runs !== runs || kept.steps !== runs * STEPS || executed < runs * STEPS)
      throw new Error(
        `${runs} runs ended; kept are ${kept.runs} with ${kept.steps} steps, of ${executed} executed`,
      );
    return { ...throughput, setup: peer.setup, runs };
  } finally {
    await peer.close();
  }
}

/** What this process has started works for the peer: its CPU counts. */
function withServers(clock: StepClock) {
  let before = 0;
  return {
    open() {
      before = cpuMicrosOfChildren(process.pid);
      clock.open();
    },
    close(): Throughput {
      const throughput = clock.close();
      const perStep = (cpuMicrosOfChildren(process.pid) - before) / Math.max(throughput.steps, 1);
      return { ...throughput, cpuMicrosPerStep: throughput.cpuMicrosPerStep + perStep };
    },
  };
}
