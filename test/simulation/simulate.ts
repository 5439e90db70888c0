import { isDeepStrictEqual } from "node:util";
import type { Definition } from "../../src/core/definition/types.ts";
import { blockAt, stateIn } from "../../src/core/run/blocks.ts";
import { contextOf } from "../../src/core/run/context.ts";
import { isTerminalEvent } from "../../src/core/run/events.ts";
import { begin, fold } from "../../src/core/run/evolve.ts";
import { ROOT, type RunId } from "../../src/core/run/ids.ts";
import { isTerminal, type Run, statusOf } from "../../src/core/run/run.ts";
import type { EventView } from "../../src/engine/ports.ts";
import { problemsOfTrace, spansOf } from "../support/trace.ts";
import { Coverage } from "./coverage.ts";
import { randomDefinition } from "./definitions.ts";
import { Chance } from "./random.ts";
import { AGENT_FAILURE, type Weather, World } from "./world.ts";

export type Story = {
  readonly seed: number;
  readonly runs: number;
  readonly events: number;
  readonly executions: number;
};

const WEATHERS: readonly Weather[] = [
  {
    crash: 0.02,
    toldFailed: 0.03,
    agentFails: 0,
    lose: 0.05,
    duplicate: 0.1,
    stop: 0.01,
    people: 0,
    cancel: 0,
  },
  {
    crash: 0.01,
    toldFailed: 0.02,
    agentFails: 0.2,
    lose: 0.05,
    duplicate: 0.1,
    stop: 0.02,
    people: 0.02,
    cancel: 0,
  },
  {
    crash: 0.03,
    toldFailed: 0.05,
    agentFails: 0.1,
    lose: 0.2,
    duplicate: 0.3,
    stop: 0.05,
    people: 0.05,
    cancel: 0.1,
  },
];

/**
 * One world of `count` runs from start to end; throws, naming the seed, when anything that must hold does not.
 * `patience`: how often people help a run before it is said not to end. `isLively`: what more people and agents do.
 */
export async function simulate(
  seed: number,
  count: number,
  { patience = 3000, coverage = new Coverage(), isLively = true } = {},
): Promise<Story> {
  const chance = new Chance(seed);
  const world = await World.open(chance, isLively);
  try {
    const definitions = new Map<RunId, Definition>();
    for (let i = 0; i < count; i++) {
      const runId = `run_${seed}_${i}` as RunId;
      const definition = { ...randomDefinition(chance), id: `w${i}` };
      definitions.set(runId, definition);
      await world.start(definition, runId);
    }
    const runIds = [...definitions.keys()];
    world.weather = chance.pick(WEATHERS);
    const trouble = 300 + chance.below(300 * count);
    for (let i = 0; i < trouble; i++) await world.tick(runIds);
    world.calm();
    await settle(world, runIds, patience * count);
    // Some are run again from where they were, in the same weather.
    const again: RunId[] = [];
    for (const [runId, definition] of [...definitions]) {
      if (!chance.happens(0.5)) continue;
      const from = chance.pick(definition.states).name;
      const rerunId = await world.rerun(runId, from);
      if (rerunId === null) continue;
      again.push(rerunId);
      definitions.set(rerunId, definition);
    }
    if (again.length > 0) {
      world.weather = chance.pick(WEATHERS);
      for (let i = 0; i < 100 * again.length; i++) await world.tick(again);
      world.calm();
      await settle(world, again, patience * again.length);
    }
    let events = 0;
    for (const [runId, definition] of definitions) events += await check(world, runId, definition, coverage);
    await world.telling.check([...definitions.keys()]);
    await world.vouch();
    for (const finding of await world.store.queries.doctor(world.now))
      if (!finding.ok) throw new Error(`${finding.check}: ${finding.detail}`);
    if (world.failures.length > 0) throw world.failures[0];
    return { seed, runs: count, events, executions: world.executions.length };
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    await world.store.close();
  }
}

async function settle(world: World, runIds: readonly RunId[], rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    for (let j = 0; j < 50 && (j < 8 || !world.isQuiet); j++) await world.tick(runIds);
    const statuses = await Promise.all(runIds.map((id) => world.store.queries.run(id, world.now)));
    const open = statuses.filter((run) => run?.finishedAt === null);
    if (open.length === 0 && world.isQuiet) return;
    const stranded = await world.store.leases.wakeStranded(world.now);
    if (stranded > 0) throw new Error(`${stranded} branches were stranded`);
    await world.help(runIds);
  }
  const states = await Promise.all(runIds.map((id) => world.store.queries.run(id, world.now)));
  const stuck = states
    .filter((run) => run?.finishedAt === null)
    .map((run) => `${run?.runId} ${run?.status} ${run?.blockedOn}`);
  throw new Error(`runs do not end: ${stuck.join("; ")}`);
}

/** Everything that must hold of a finished run; answers how many events it has. */
async function check(
  world: World,
  runId: RunId,
  definition: Definition,
  coverage: Coverage,
): Promise<number> {
  const events = await world.store.queries.events(runId, 0, 100_000);
  events.forEach((event, index) => {
    if (event.seq !== index + 1) throw new Error(`${runId}: event ${index + 1} has seq ${event.seq}`);
  });
  const [first, ...rest] = events;
  if (first?.event.type !== "run.created") throw new Error(`${runId}: starts with ${first?.event.type}`);
  const succeeded = new Set<string>();
  for (const { event, seq } of rest) {
    if (isTerminalEvent(event) && seq !== events.length)
      throw new Error(`${runId}: events after ${event.type}`);
    if (event.type === "state.reused") succeeded.add(event.stepId);
    if (event.type === "approval.reminded" || event.type === "approval.escalated") {
      const told = `${event.approvalId} ${event.type} ${"level" in event ? event.level : ""}`;
      if (succeeded.has(told)) throw new Error(`${runId}: ${told} twice`);
      succeeded.add(told);
    }
    if (event.type !== "step.succeeded") continue;
    if (succeeded.has(event.stepId)) throw new Error(`${runId}: ${event.state} succeeded twice`);
    succeeded.add(event.stepId);
  }
  checkPauses(runId, events);
  checkHolders(runId, events);
  const begun = begin(definition, { ...first, event: first.event });
  coverage.follow(begun, rest);
  const run = fold(begun, rest);
  if (!isTerminal(run)) throw new Error(`${runId}: ends as ${run.lifecycle.status}`);
  checkAttempts(run);
  await compare(world, run);
  const [problem] = problemsOfTrace(events, spansOf(events));
  if (problem) throw new Error(`${runId}: its trace: ${problem}`);
  return events.length;
}

/** While a run is paused, what runs is finished and nothing begins. */
function checkPauses(runId: RunId, events: readonly EventView[]): void {
  let isPaused = false;
  for (const { event } of events) {
    if (event.type === "run.paused") isPaused = true;
    if (event.type === "run.resumed") isPaused = false;
    if (isPaused && (event.type === "state.entered" || event.type === "step.started"))
      throw new Error(`${runId}: ${event.type} of ${event.state} while it was paused`);
  }
}

/** What an attempt of an agent came to is told by the worker that holds the step, and by no earlier one. */
function checkHolders(runId: RunId, events: readonly EventView[]): void {
  const holders = new Map<string, string>();
  for (const { event, actor } of events) {
    if (event.type === "step.started" || event.type === "step.resumed" || event.type === "step.reclaimed")
      holders.set(event.stepId, `worker:${event.lease.worker}`);
    const isFailure = event.type === "step.failed" && event.error.code === AGENT_FAILURE;
    if (event.type !== "step.succeeded" && !isFailure) continue;
    const holder = holders.get(event.stepId);
    if (holder !== undefined && holder !== actor)
      throw new Error(`${runId}: ${event.type} of ${event.state} by ${actor}, held by ${holder}`);
  }
}

/** No step was tried more often than its state allows. */
function checkAttempts({ id, definition, steps }: Run): void {
  for (const { branch, state: name, attempt, reusedFrom } of Object.values(steps)) {
    const state = stateIn(blockAt(definition, branch), name, branch);
    const most =
      state.type === "operation" && state.action === "agent.run" ? (state.retry?.maxAttempts ?? 1) : 1;
    if (reusedFrom === null && attempt > most)
      throw new Error(`${id}: ${name} was tried ${attempt} times of ${most}`);
  }
}

/** fold(events) == rows. */
export async function compare(world: Pick<World, "store" | "now">, run: Run): Promise<void> {
  const view = await world.store.queries.run(run.id, world.now);
  same(run.id, "status", view?.status, statusOf(run));
  same(run.id, "context", view?.context, contextOf(run, ROOT));
  const steps = await world.store.queries.steps(run.id);
  const stored = new Map(steps.map((step) => [step.stepId, step]));
  same(run.id, "number of steps", stored.size, Object.keys(run.steps).length);
  for (const step of Object.values(run.steps)) {
    const row = stored.get(step.id);
    const { progress } = step;
    const output = progress.status === "SUCCEEDED" ? progress.output : undefined;
    const error = "error" in progress ? (progress.error ?? null) : null;
    same(run.id, `step ${step.state}`, row && { ...pick(row), output: row.output, error: row.error }, {
      state: step.state,
      branch: step.branch,
      attempt: step.attempt,
      status: progress.status,
      output,
      error,
    });
  }
  const approvals = await world.store.queries.approvals({ runId: run.id }, { limit: 1000 });
  for (const approval of approvals) {
    const { runId, workflowId, workflowVersion, environment, startedBy, ...row } = approval;
    same(run.id, `approval ${approval.id}`, row, run.approvals[approval.id]);
  }
}

function pick({
  state,
  branch,
  attempt,
  status,
}: {
  state: string;
  branch: string;
  attempt: number;
  status: string;
}) {
  return { state, branch, attempt, status };
}

function same(runId: string, what: string, stored: unknown, folded: unknown): void {
  if (isDeepStrictEqual(stored, folded)) return;
  throw new Error(
    `${runId}: ${what} differs: rows ${JSON.stringify(stored)}, events ${JSON.stringify(folded)}`,
  );
}

/** After so many runs everything that can happen has happened. */
const ENOUGH = 2_000;

if (import.meta.main) {
  const [, , runs = "1000", first = "1"] = process.argv;
  const perWorld = 10;
  const worlds = Math.ceil(Number(runs) / perWorld);
  const coverage = new Coverage();
  let events = 0;
  let executions = 0;
  const startedAt = Date.now();
  for (let i = 0; i < worlds; i++) {
    const story = await simulate(Number(first) + i, perWorld, { coverage });
    events += story.events;
    executions += story.executions;
    if ((i + 1) % 200 === 0) console.error(`${(i + 1) * perWorld} runs, ${events} events`);
  }
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.error(coverage.table());
  console.log(JSON.stringify({ runs: worlds * perWorld, first: Number(first), events, executions, seconds }));
  const missing = worlds * perWorld < ENOUGH ? [] : coverage.missing();
  for (const what of missing) console.error(`never seen: ${what}`);
  // The agents of crashed processes left timers that nobody waits for.
  process.exit(missing.length === 0 ? 0 : 1);
}
