import { type EngineOptions, openLoop } from "./our-loop.ts";
import { STEPS } from "./workflows.ts";

/**
 * What a number of runs came to: steps per second until the last of them ended, CPU with all that follows, and as much
 * of it as the thread took that does the work.
 */
export type Work = {
  readonly stepsPerSecond: number;
  readonly cpuMicrosPerStep: number;
  readonly mainCpuMicrosPerStep: number;
};

/**
 * The standard job so many times, after a warm-up of as many as are given. CPU counts until everything that follows from
 * the last run has been done: sealing, tracing. The same work however slow the machine is.
 */
export async function measure(
  options: EngineOptions & { readonly warmUpRuns: number; readonly runs: number },
): Promise<Work> {
  const { engine, runOnce, close } = await openLoop(options);
  const runMany = async (count: number) => {
    let left = count;
    const slot = async () => {
      while (left-- > 0) await runOnce();
    };
    await Promise.all(Array.from({ length: options.inFlight }, slot));
  };
  await runMany(options.warmUpRuns);
  await engine.caughtUp();
  const begun = performance.now();
  const before = process.cpuUsage();
  const mainBefore = process.threadCpuUsage();
  await runMany(options.runs);
  const seconds = (performance.now() - begun) / 1000;
  await engine.caughtUp();
  const all = process.cpuUsage(before);
  const main = process.threadCpuUsage(mainBefore);
  await close();
  const steps = options.runs * STEPS;
  return {
    stepsPerSecond: steps / seconds,
    cpuMicrosPerStep: (all.user + all.system) / steps,
    mainCpuMicrosPerStep: (main.user + main.system) / steps,
  };
}
