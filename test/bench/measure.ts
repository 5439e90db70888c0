import { setTimeout as delay } from "node:timers/promises";

/** The value below which the share `q` (0 to 1) of the values lies; NaN without any. */
export function percentile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length / 2;
  const [below, above] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((below ?? Number.NaN) + (above ?? Number.NaN)) / 2;
}

/** How much `y` grows with each `x`: the straight line nearest to the points; NaN with fewer than two. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [middle, height] = [mean(points.map(({ x }) => x)), mean(points.map(({ y }) => y))];
  const above = points.reduce((sum, { x, y }) => sum + (x - middle) * (y - height), 0);
  return above / points.reduce((sum, { x }) => sum + (x - middle) ** 2, 0);
}

/** What a loop achieved: steps per second, and milliseconds from one step of a run to its next. */
export type Throughput = {
  readonly stepsPerSecond: number;
  readonly stepMsP50: number;
  readonly stepMsP99: number;
  readonly steps: number;
  /** CPU the measuring process used per step, its threads included. */
  readonly cpuMicrosPerStep: number;
};

/** The medians of several trials. */
export function medianOf(trials: readonly Throughput[]): Throughput {
  const of = (field: keyof Throughput) => median(trials.map((trial) => trial[field]));
  return {
    stepsPerSecond: of("stepsPerSecond"),
    stepMsP50: of("stepMsP50"),
    stepMsP99: of("stepMsP99"),
    steps: of("steps"),
    cpuMicrosPerStep: of("cpuMicrosPerStep"),
  };
}

/** Lets two contestants run in turn, A B A B …, so that a machine that slows down slows both. */
export async function alternate<A, B>(
  rounds: number,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<{ readonly first: readonly A[]; readonly second: readonly B[] }> {
  const results = { first: [] as A[], second: [] as B[] };
  for (let round = 0; round < rounds; round++) {
    results.first.push(await first());
    results.second.push(await second());
  }
  return results;
}

/** Counts steps inside a window of time, and measures from each step of a run to the next. */
export class StepClock {
  readonly #lastStep = new Map<string, number>();
  readonly #intervals: number[] = [];
  #steps = 0;
  #begun = 0;
  #cpu = process.cpuUsage();
  #isOpen = false;

  /** A step of this run begins to execute. */
  step(runId: string): void {
    const now = performance.now();
    const before = this.#lastStep.get(runId);
    this.#lastStep.set(runId, now);
    if (!this.#isOpen) return;
    this.#steps++;
    if (before !== undefined) this.#intervals.push(now - before);
  }

  /** This run is over. */
  end(runId: string): void {
    this.#lastStep.delete(runId);
  }

  open(): void {
    this.#begun = performance.now();
    this.#cpu = process.cpuUsage();
    this.#isOpen = true;
  }

  close(): Throughput {
    this.#isOpen = false;
    const seconds = (performance.now() - this.#begun) / 1000;
    const cpu = process.cpuUsage(this.#cpu);
    return {
      stepsPerSecond: this.#steps / seconds,
      stepMsP50: percentile(this.#intervals, 0.5),
      stepMsP99: percentile(this.#intervals, 0.99),
      steps: this.#steps,
      cpuMicrosPerStep: (cpu.user + cpu.system) / Math.max(this.#steps, 1),
    };
  }
}

/** How long a loop runs before and while it is measured. */
export type Window = { readonly warmUpMs: number; readonly windowMs: number };

/** Keeps `inFlight` runs going, each replaced as soon as it ends; rejects with the first error. */
export async function closedLoop(
  options: Window & { readonly inFlight: number; readonly runOnce: () => Promise<void> },
  clock: { open(): void; close(): Throughput },
): Promise<Throughput> {
  let isOver = false;
  const slot = async () => {
    while (!isOver) await options.runOnce();
  };
  const slots = Promise.all(Array.from({ length: options.inFlight }, slot));
  const measured = async () => {
    await delay(options.warmUpMs);
    clock.open();
    await delay(options.windowMs);
    const throughput = clock.close();
    isOver = true;
    await slots;
    return throughput;
  };
  // Whichever fails first: a slot's error must not wait for the window.
  return Promise.race([
    measured(),
    slots.then(() => Promise.reject(new Error("the loop ended early"))),
  ]).catch(async (error) => {
    isOver = true;
    throw error;
  });
}
