import { Coverage } from "./coverage.ts";
import { simulate } from "./simulate.ts";

// A process that plays what it is told to, portion after portion, and answers what came of each.

/** Worlds of so many runs each, with the seeds from `first` on; `isNode`: on Node's own SQLite. */
export type Portion = {
  readonly first: number;
  readonly worlds: number;
  readonly runs: number;
  readonly isNode: boolean;
};

/** What came of a portion: its figures, or the promise that was broken. */
export type Played =
  | {
      readonly runs: number;
      readonly events: number;
      readonly executions: number;
      readonly cpuMs: number;
      readonly counts: Readonly<Record<string, number>>;
    }
  | { readonly broken: string };

// Agents of crashed processes left timers that nobody waits for.
process.on("disconnect", () => process.exit());
process.on("message", (portion: Portion) => {
  void play(portion).then((played) => process.send?.(played));
});

async function play({ first, worlds, runs, isNode }: Portion): Promise<Played> {
  const began = process.cpuUsage();
  const coverage = new Coverage();
  let events = 0;
  let executions = 0;
  try {
    for (let seed = first; seed < first + worlds; seed++) {
      const story = await simulate(seed, runs, { coverage, isNode });
      events += story.events;
      executions += story.executions;
    }
  } catch (error) {
    return { broken: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  const { user, system } = process.cpuUsage(began);
  const cpuMs = (user + system) / 1000;
  return { runs: worlds * runs, events, executions, cpuMs, counts: coverage.counts };
}
