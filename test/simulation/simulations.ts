import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Coverage } from "./coverage.ts";
import type { Played, Portion } from "./portion.ts";

/**
 * `npm run simulate [-- runs] [first seed] [--jobs n] [--node]`: worlds of ten runs, portion by portion, in processes;
 * `--node`: on Node's own SQLite.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { jobs: { type: "string" }, node: { type: "boolean", default: false } },
});
const [runs = 1000, first = 1] = positionals.map(Number);
const jobs = Number(values.jobs ?? availableParallelism());

const RUNS_PER_WORLD = 10;
const WORLDS_PER_PORTION = 20;
/** Once in so many runs everything that can happen has happened. */
const ENOUGH = 2_000;

const worlds = Math.ceil(runs / RUNS_PER_WORLD);
const coverage = new Coverage();
const totals = { events: 0, executions: 0, cpuMs: 0 };
const startedAt = performance.now();
let next = 0;
let played = 0;
let saidAt = 0;

await Promise.all(Array.from({ length: Math.min(jobs, worlds) }, work));

const seconds = Math.round((performance.now() - startedAt) / 1000);
console.error(coverage.table());
const { events, executions, cpuMs } = totals;
const cpuMsPerRun = Number((cpuMs / (worlds * RUNS_PER_WORLD)).toFixed(2));
const told = { runs: worlds * RUNS_PER_WORLD, first, events, executions, cpuMsPerRun, seconds };
console.log(JSON.stringify(told));
const floor = Math.floor((worlds * RUNS_PER_WORLD) / ENOUGH);
const missing = coverage.missing(floor);
for (const what of missing) console.error(`seen less than ${floor} times: ${what}`);
process.exitCode = missing.length === 0 ? 0 : 1;

/** One process plays portions until none is left; the first broken promise ends everything. */
async function work(): Promise<void> {
  const child = fork(new URL("./portion.ts", import.meta.url), { execArgv: ["--max-semi-space-size=32"] });
  const ended = new Promise<never>((_, reject) =>
    child.once("exit", (code) => reject(new Error(`a player ended with ${code}`))),
  );
  while (next < worlds) {
    const count = Math.min(WORLDS_PER_PORTION, worlds - next);
    const portion: Portion = {
      first: first + next,
      worlds: count,
      runs: RUNS_PER_WORLD,
      isNode: values.node,
    };
    next += count;
    child.send(portion);
    const answer = await Promise.race([
      new Promise<Played>((resolve) => child.once("message", resolve)),
      ended,
    ]);
    if ("broken" in answer) {
      console.error(answer.broken);
      process.exit(1);
    }
    take(answer);
  }
  child.removeAllListeners("exit").disconnect();
}

function take(answer: Exclude<Played, { readonly broken: string }>): void {
  coverage.add(answer.counts);
  totals.events += answer.events;
  totals.executions += answer.executions;
  totals.cpuMs += answer.cpuMs;
  played += answer.runs;
  if (played - saidAt < ENOUGH) return;
  saidAt = played;
  console.error(`${played} runs, ${totals.events} events`);
}
