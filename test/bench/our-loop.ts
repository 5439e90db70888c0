import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type Observed, startEngineInProcess } from "./engine.ts";
import { closedLoop, StepClock, type Throughput, type Window } from "./measure.ts";

/** How to run the engine for a trial. */
export type EngineOptions = {
  readonly inFlight: number;
  readonly directory: string;
  readonly natsUrl: string | null;
  readonly observed?: Observed;
};

/** The standard job through the whole engine, in this process, for a window of time. */
export async function measure(options: EngineOptions & Window): Promise<Throughput> {
  const loop = await openLoop(options);
  const throughput = await closedLoop({ ...options, runOnce: loop.runOnce }, loop.clock);
  await loop.close();
  return throughput;
}

/** The engine, and the standard job as it is started and awaited. */
export async function openLoop({ directory, natsUrl, observed }: EngineOptions) {
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
  const engine = await startEngineInProcess(directory, natsUrl, listener, observed);
  let started = 0;
  const newest: string[] = [];
  return {
    engine,
    clock,
    async runOnce() {
      started++;
      const runId = await engine.start();
      newest.push(runId);
      if (newest.length > 100) newest.shift();
      if (early.delete(runId)) return;
      await new Promise<void>((resolve) => {
        ends.set(runId, resolve);
      });
      ends.delete(runId);
    },
    /** Rejects when a run has not ended as it must. */
    async close() {
      const deadline = Date.now() + 5000;
      while ((await engine.completed()) < started) {
        if (Date.now() > deadline)
          throw new Error(`${started} runs started, ${await engine.completed()} completed`);
        await delay(20);
      }
      for (const runId of newest) {
        const output = await engine.outputOf(runId);
        if (!isDeepStrictEqual(output, { ok: true }))
          throw new Error(`${runId} ended with ${JSON.stringify(output)}`);
      }
      await engine.close();
    },
  };
}
