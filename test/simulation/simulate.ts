import type { Definition } from "../../src/core/definition/types.ts";
import type { RunId } from "../../src/core/run/ids.ts";
import type { EventView } from "../../src/engine/ports/queries.ts";
import { nodeConnection } from "../support/node-connection.ts";
import { RewoundDatabase } from "../support/rewound-database.ts";
import { calledWorkflows, checkCalls, furtherRuns, withCalls } from "./calls.ts";
import { checkRun } from "./check-run.ts";
import { Coverage } from "./coverage.ts";
import { randomDefinition } from "./definitions.ts";
import { Chance } from "./random.ts";
import { Requests } from "./requests.ts";
import { checkSlots, limitedAnew, sharedSlots } from "./slots.ts";
import { type Weather, World } from "./world.ts";

export type Story = {
  readonly seed: number;
  readonly runs: number;
  readonly events: number;
  readonly executions: number;
};

/** One world at a time is played in it. */
let database: Promise<RewoundDatabase> | undefined;

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
 * `isNode`: on Node's own SQLite, which is faster and answers the same.
 */
export async function simulate(
  seed: number,
  count: number,
  { patience = 3000, coverage = new Coverage(), isLively = true, isNode = false } = {},
): Promise<Story> {
  const chance = new Chance(seed);
  database ??= RewoundDatabase.open(isNode ? nodeConnection : undefined);
  // Twice as slow, so not often.
  const isFar = new Chance(seed + 17).happens(0.15);
  const world = await World.open(await database, chance, { trouble: new Chance(seed + 19), isLively, isFar });
  try {
    const definitions = new Map<RunId, Definition>();
    // By a chance of its own, so that the rest of the world is the same with it and without.
    const sharing = new Chance(seed + 7);
    const concurrency = isLively && sharing.happens(0.6) ? sharedSlots(sharing) : null;
    const calling = new Chance(seed + 13);
    const timing = new Chance(seed + 31);
    // What shares its callers' key calls nothing itself, so that it comes to an end.
    const sharers = concurrency ? [{ workflow: "shared", version: 1 }] : [];
    if (concurrency) await world.publish({ ...randomDefinition(timing), id: "shared", concurrency });
    const called = isLively && calling.happens(0.5) ? calledWorkflows(calling, sharers) : [];
    const callees = [...called.map(({ id }) => ({ workflow: id })), ...sharers];
    for (const workflow of called) await world.publish(workflow);
    /** They come while others are at it, by a clock that is behind: it is their turn before others that were there. */
    const late: [RunId, Definition][] = [];
    const comes = async () => {
      const [next] = late.splice(0, 1);
      if (next) await world.start(next[1], next[0], sharing.below(2000));
    };
    for (let i = 0; i < count; i++) {
      const runId = `run_${seed}_${i}` as RunId;
      const plain = randomDefinition(chance);
      const random = called.length > 0 ? withCalls(plain, calling, callees) : plain;
      const timed =
        isLively && timing.happens(0.1) ? { ...random, timeoutSeconds: 1 + timing.below(300) } : random;
      const shares = concurrency !== null && sharing.happens(0.7);
      const definition = shares
        ? { ...timed, id: "shared", concurrency: limitedAnew(concurrency, timing) }
        : { ...timed, id: `w${i}` };
      definitions.set(runId, definition);
      if (shares && sharing.happens(0.5)) late.push([runId, definition]);
      else await world.start(definition, runId);
    }
    const runIds = [...definitions.keys()];
    const changing = new Chance(seed + 29);
    /** What is called is published anew, switched off and on while others are at it. */
    const changes = async () => {
      const { id } = changing.pick(called);
      if (changing.happens(0.5)) await world.publish({ ...randomDefinition(changing), id });
      else await world.switchOver(id, changing.happens(0.5));
    };
    const asking = new Chance(seed + 23);
    const asked = isLively && asking.happens(0.3) ? definitions : new Map();
    const requests = new Requests(asking, asked, world.keeping !== null);
    world.weather = chance.pick(WEATHERS);
    const trouble = 300 + chance.below(300 * count);
    for (let i = 0; i < trouble && (late.length > 0 || (await world.goesOn(runIds))); i++) {
      if (late.length > 0 && sharing.happens(0.03)) await comes();
      requests.ask(world);
      if (called.length > 0 && changing.happens(0.003)) await changes();
      await world.tick(runIds);
    }
    world.calm();
    for (const { id } of called) await world.switchOver(id, true);
    while (late.length > 0) await comes();
    await settle(world, runIds, patience * count);
    await world.keeping?.undo(world.site);
    await requests.settle(world);
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
      for (let i = 0; i < 100 * again.length && (await world.goesOn(again)); i++) await world.tick(again);
      world.calm();
      await settle(world, again, patience * again.length);
    }
    await settle(world, runIds, patience * count);
    await world.keeping?.undo(world.site);
    for (const [runId, definition] of await furtherRuns(world)) definitions.set(runId, definition);
    const histories = new Map<RunId, readonly EventView[]>();
    const purged = world.keeping?.purged ?? new Set();
    for (const [runId, definition] of definitions)
      histories.set(
        runId,
        purged.has(runId)
          ? await world.store.queries.events(runId, 0, 100_000)
          : await checkRun(world, runId, definition, coverage),
      );
    checkCalls(histories, purged);
    await world.store.agents.sweep(world.now);
    await world.agents?.check(world.store, histories.keys(), purged);
    requests.check(histories);
    await checkSlots(world.store, definitions);
    await world.telling.check(histories);
    await world.vouch();
    for (const finding of await world.store.queries.doctor(world.now))
      if (!finding.ok) throw new Error(`${finding.check}: ${finding.detail}`);
    if (world.failures.length > 0) throw world.failures[0];
    const events = [...histories.values()].reduce((sum, { length }) => sum + length, 0);
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
    const open = await world.open();
    if (open.size === 0 && world.isQuiet) return;
    const stranded = await world.store.leases.wakeStranded(world.now);
    if (stranded > 0) throw new Error(`${stranded} branches were stranded`);
    await world.help(runIds);
  }
  const open = [...(await world.open()).keys()];
  const states = await Promise.all(open.map((id) => world.store.queries.run(id, world.now)));
  const stuck = states.map((run) => `${run?.runId} ${run?.status} ${run?.blockedOn}`);
  throw new Error(`runs do not end: ${stuck.join("; ")}`);
}
