import { setTimeout as delay } from "node:timers/promises";
import { Chance } from "../simulation/random.ts";
import type { Deployment } from "./deployment.ts";
import type { Supervised } from "./supervised.ts";
import { endTroubles, TROUBLES, type Trouble, wipe } from "./troubles.ts";

/** What was done to a deployment. */
export type Damage = {
  /** SIGKILLs of processes of Station while runs were open. */
  kills: number;
  readonly killsOf: Record<string, number>;
  wipes: number;
  /** Times when nobody worked for a while; each of their kills counts as a kill. */
  outages: number;
  /** Everything else, by its name. */
  readonly troubles: Record<string, number>;
};

/** How much is to be done to it at least. */
export type Targets = { readonly kills: number; readonly wipes: number };

/** How the runs are doing that the storm goes over. */
export type Course = {
  /** How many have ended. */
  ended(): number;
  /** Some are open. */
  isBusy(): boolean;
  /** The storm may be over. */
  enough(): boolean;
  say(damage: Damage): void;
};

const READY_MS = 20_000;
/** The longest pause between a process being ready and its next kill. */
const LONGEST_PAUSE_MS = 1500;
/**
 * A step that dies with its worker 25 times is given up: after so many kills there is time to end what was begun. A model
 * that fails is asked again for two seconds and more, from the start by whoever takes the step over.
 */
const GUST = 8;
const LULL_MS = 8000;
/** …and on a slow machine until a run has ended. */
const LONGEST_LULL_MS = 30_000;

/**
 * Kills each process by itself at random moments, and makes trouble beside, until the targets are met and `enough` says
 * so. A kill counts when `isBusy`: runs are open.
 */
export async function storm(
  deployment: Deployment,
  { kills, wipes }: Targets,
  chance: Chance,
  { ended, isBusy, enough, say }: Course,
): Promise<Damage> {
  const damage: Damage = { kills: 0, killsOf: {}, wipes: 0, outages: 0, troubles: {} };
  const { processes, nats } = deployment;
  const isOver = () => damage.kills >= kills && damage.wipes >= wipes && enough();
  const wipesDue = () => (kills === 0 ? wipes : Math.min(wipes, Math.ceil((wipes * damage.kills) / kills)));

  const kill = async (victim: Supervised, awayMs = 0) => {
    const counts = isBusy();
    if ((await victim.kill(awayMs)) && counts) noteKill(damage, victim);
    say(damage);
  };
  const lull = async () => {
    const before = ended();
    const until = Date.now() + LONGEST_LULL_MS;
    do await delay(LULL_MS);
    while (ended() === before && Date.now() < until);
  };
  const keepKilling = async (victim: Supervised, luck: Chance) => {
    for (let blows = 1; !isOver(); blows++) {
      if (blows % GUST === 0) {
        await victim.ready(READY_MS);
        await lull();
      }
      // Mostly while it is at work, sometimes while it is just starting.
      if (luck.happens(0.8)) await victim.ready(READY_MS);
      // More often soon than late: what it has just begun is met, and now and then it gets far.
      await delay(20 + luck.next() ** 2 * LONGEST_PAUSE_MS);
      await kill(victim);
    }
  };
  const possible = TROUBLES.filter((trouble) => trouble.can(deployment));
  const keepTroubling = async (luck: Chance) => {
    while (!isOver()) {
      // Where processes take long to start, there would be nothing but trouble.
      if (luck.happens(0.8)) await luck.pick(processes).ready(READY_MS);
      await delay(luck.below(1000));
      if (nats && damage.wipes < wipesDue()) {
        await wipe(nats, luck);
        damage.wipes++;
      } else if (luck.happens(0.05)) {
        const awayMs = 2000 + luck.below(8000);
        const victims = luck.happens(0.5) ? processes : workersOf(deployment);
        await Promise.all(victims.map((victim) => kill(victim, awayMs)));
        damage.outages++;
      } else {
        const trouble = oneOf(possible, luck);
        await trouble.happen(deployment, luck);
        damage.troubles[trouble.name] = (damage.troubles[trouble.name] ?? 0) + 1;
      }
    }
  };
  const own = () => new Chance(chance.below(2 ** 31));
  await Promise.all([...processes.map((process) => keepKilling(process, own())), keepTroubling(own())]);
  endTroubles(deployment);
  return damage;
}

/** A few kills of workers with nothing else going on: how fast their work goes on is measured by these. */
export async function killAlone(
  deployment: Deployment,
  count: number,
  chance: Chance,
  damage: Damage,
): Promise<readonly number[]> {
  const victims = workersOf(deployment);
  const moments: number[] = [];
  for (let done = 0; done < count; done++) {
    await deployment.ready(READY_MS);
    await delay(2500 + chance.below(1000));
    const victim = chance.pick(victims);
    if (!(await victim.kill())) continue;
    moments.push(victim.deaths.at(-1)?.at ?? 0);
    noteKill(damage, victim);
  }
  await deployment.ready(READY_MS);
  await delay(3000);
  return moments;
}

function noteKill(damage: Damage, { name }: Supervised): void {
  damage.kills++;
  damage.killsOf[name] = (damage.killsOf[name] ?? 0) + 1;
}

/** Those that execute steps: in a deployment of one process, that one. */
function workersOf({ processes }: Deployment): readonly Supervised[] {
  const workers = processes.filter(({ name }) => name.startsWith("worker"));
  return workers.length > 0 ? workers : processes;
}

function oneOf(troubles: readonly Trouble[], chance: Chance): Trouble {
  let left = chance.next() * troubles.reduce((sum, { weight }) => sum + weight, 0);
  const found = troubles.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return found ?? chance.pick(troubles);
}
