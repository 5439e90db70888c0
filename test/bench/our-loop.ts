import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type Observed, startEngineInProcess } from "./engine.ts";
import { closedLoop, StepClock, type Throughput, type Window } from "./measure.ts";
import { STEPS } from "./workflows.ts";

/** How to run the engine for a trial. */
export type OurLoopOptions = Window & {
  readonly inFlight: number;
  readonly directory: string;
  readonly natsUrl: string | null;
  readonly observed?: Observed;
};

/** …and what a step cost from the first run's start until everything that follows from the last had been done. */
export type OurThroughput = Throughput & { readonly wholeCpuMicrosPerStep: number };

/** The standard job through the whole engine, in this process. */
export async function measure(options: OurLoopOptions): Promise<OurThroughput> {
  const clock = new StepClock();
  const ends = new Map<string, () => void>();
  // A run may end before whoever started it knows its id.
  const early = new Set<string>();
  const listener = {
    onStep: (runId: string) => clock.step(runId),
    onEnd(runId: string) {
      clock.end(runId);
      const end = ends.get(runId);
      if (end) end();
      else early.add(runId);
    },
  };
  const { directory, natsUrl, observed } = options;
  const engine = await startEngineInProcess(directory, natsUrl, listener, observed);
  const before = process.cpuUsage();
  let started = 0;
  const newest: string[] = [];
  const runOnce = async () => {
    started++;
    const runId = await engine.start();
    newest.push(runId);
    if (newest.length > 100) newest.shift();
    if (early.delete(runId)) return;
    await new Promise<void>((resolve) => {
      ends.set(runId, resolve);
    });
    ends.delete(runId);
  };
  const throughput = await closedLoop({ ...options, runOnce }, clock);
  const deadline = Date.now() + 5000;
  while ((await engine.completed()) < started) {
    if (Date.now() > deadline)
      throw new Error(`${started} runs started, ${await engine.completed()} completed`);
    await delay(20);
  }
  await engine.caughtUp();
  const { user, system } = process.cpuUsage(before);
  const wholeCpuMicrosPerStep = (user + system) / (started * STEPS);
  for (const runId of newest) {
    const output = await engine.outputOf(runId);
    if (!isDeepStrictEqual(output, { ok: true }))
      throw new Error(`${runId} ended with ${JSON.stringify(output)}`);
  }
  await engine.close();
  return { ...throughput, wholeCpuMicrosPerStep };
}
