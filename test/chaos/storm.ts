import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Chance } from "../simulation/random.ts";
import type { Collector } from "../support/collector.ts";
import type { NatsServer } from "../support/servers.ts";
import type { Deployment } from "./deployment.ts";
import type { Supervised } from "./supervised.ts";

/** What was done to a deployment. */
export type Damage = {
  kills: number;
  readonly killsOf: Record<string, number>;
  serverKills: number;
  wipes: number;
  freezes: number;
  /** Times when nobody worked for a while; each of their kills counts as a kill. */
  outages: number;
  /** Times when nobody took traces for a while. */
  blackouts: number;
};

/** How much is to be done to it at least. */
export type Targets = { readonly kills: number; readonly wipes: number };

const READY_MS = 20_000;

/** Kills, freezes and wipes at random moments until the targets are met and `enough` says so. */
export async function storm(
  deployment: Deployment,
  collector: Collector,
  { kills, wipes }: Targets,
  chance: Chance,
  enough: () => boolean,
  say: (damage: Damage) => void,
): Promise<Damage> {
  const damage: Damage = {
    kills: 0,
    killsOf: {},
    serverKills: 0,
    wipes: 0,
    freezes: 0,
    outages: 0,
    blackouts: 0,
  };
  const { processes, nats, sqld } = deployment;
  const wipesDue = () => (kills === 0 ? wipes : Math.min(wipes, Math.ceil((wipes * damage.kills) / kills)));

  const kill = async (victim: Supervised, awayMs = 0) => {
    if (await victim.kill(awayMs)) noteKill(damage, victim);
  };
  const killServer = async (server: { kill(): Promise<void>; restart(): Promise<void> }) => {
    await server.kill();
    damage.serverKills++;
    await delay(chance.below(500));
    await server.restart();
  };

  let blackout = Promise.resolve();
  let isDark = false;
  const darken = (ms: number) => {
    if (isDark) return;
    isDark = true;
    damage.blackouts++;
    blackout = collector.away(ms).finally(() => {
      isDark = false;
    });
  };

  while (damage.kills < kills || damage.wipes < wipes || !enough()) {
    const victim = chance.pick(processes);
    // Mostly one at work, sometimes one that is just starting.
    if (chance.happens(0.75)) await victim.ready(READY_MS);
    await delay(50 + chance.below(1450));
    if (nats && damage.wipes < wipesDue()) {
      await wipe(nats, chance);
      damage.wipes++;
    }
    const what = chance.next();
    if (chance.happens(0.1)) darken(1000 + chance.below(5000));
    if (what < 0.03) {
      const awayMs = 2000 + chance.below(8000);
      const victims = chance.happens(0.5) ? processes : workersOf(deployment);
      await Promise.all(victims.map((each) => kill(each, awayMs)));
      damage.outages++;
    } else if (what < 0.08) {
      await victim.freeze(500 + chance.below(2500));
      damage.freezes++;
    } else if (what < 0.14 && nats) await killServer(nats);
    else if (what < 0.2 && sqld) await killServer(sqld);
    else await kill(victim);
    say(damage);
  }
  await blackout;
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

/** Everything JetStream kept is gone; half of the time the server goes without a goodbye. */
async function wipe(nats: NatsServer, chance: Chance): Promise<void> {
  if (chance.happens(0.5)) return nats.wipe();
  await nats.kill();
  await rm(join(nats.directory, "jetstream"), { recursive: true, force: true });
  await nats.restart();
}
