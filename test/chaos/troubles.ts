import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Chance } from "../simulation/random.ts";
import type { NatsServer } from "../support/servers.ts";
import type { TcpProxy } from "../support/tcp-proxy.ts";
import type { Deployment, Member } from "./deployment.ts";

/** Something other than a kill that may happen to a deployment. */
export type Trouble = {
  readonly name: string;
  /** How often, compared with the others. */
  readonly weight: number;
  /** Whether it can happen to this deployment at all. */
  can(deployment: Deployment): boolean;
  /** Resolves when it is over, or goes on by itself. */
  happen(deployment: Deployment, chance: Chance): Promise<void>;
};

const always = () => true;
const withFaults = ({ members }: Deployment) => members.every(({ faults }) => faults !== null);

/** Every trouble there is, by the name under which it is counted. */
export const TROUBLES: readonly Trouble[] = [
  {
    name: "freezes",
    weight: 3,
    can: always,
    happen: ({ members }, chance) => chance.pick(members).process.freeze(500 + chance.below(2500)),
  },
  {
    name: "natsKills",
    weight: 3,
    can: ({ nats }) => nats !== null,
    happen: ({ nats }, chance) => killServer(nats, chance),
  },
  {
    name: "sqldKills",
    weight: 3,
    can: ({ sqld }) => sqld !== null,
    happen: ({ sqld }, chance) => killServer(sqld, chance),
  },
  {
    name: "queuePartitions",
    weight: 3,
    can: ({ nats }) => nats !== null,
    happen: ({ members }, chance) =>
      partition(
        some(members, chance).flatMap(({ toNats }) => toNats ?? []),
        chance,
      ),
  },
  {
    name: "databasePartitions",
    weight: 3,
    can: ({ sqld }) => sqld !== null,
    happen: ({ members }, chance) =>
      partition(
        some(members, chance).flatMap(({ toSqld }) => toSqld ?? []),
        chance,
      ),
  },
  {
    name: "blackouts",
    weight: 2,
    can: ({ collector }) => collector !== null,
    happen: async ({ collector }, chance) => collector?.away(500 + chance.below(5000)),
  },
  {
    name: "fullDisks",
    weight: 3,
    // A server's disk is not Station's.
    can: (deployment) => withFaults(deployment) && deployment.sqld === null,
    async happen({ members }, chance) {
      const { faults } = chance.pick(members);
      faults?.fillDisk(true);
      await delay(300 + chance.below(3000));
      faults?.fillDisk(false);
    },
  },
  {
    name: "slowDisks",
    weight: 2,
    can: (deployment) => withFaults(deployment) && deployment.sqld === null,
    async happen({ members }, chance) {
      const { faults } = chance.pick(members);
      faults?.slowDown(20 + chance.below(400));
      await delay(500 + chance.below(3000));
      faults?.slowDown(0);
    },
  },
  {
    name: "clockJumps",
    weight: 3,
    can: withFaults,
    async happen({ members }, chance) {
      const jump = chance.happens(0.3) ? 0 : chance.below(2 * MOST_CLOCK_MS) - MOST_CLOCK_MS;
      chance.pick(members).faults?.moveClock(jump);
    },
  },
];

/** Clocks are wrong by less than anything a run of the workload may time out after. */
const MOST_CLOCK_MS = 15_000;

/** Puts everything right that a trouble may have left wrong. */
export function endTroubles({ members }: Deployment): void {
  for (const { faults } of members) faults?.calm();
}

/** Everything JetStream kept is gone; half of the time the server goes without a goodbye. */
export async function wipe(nats: NatsServer, chance: Chance): Promise<void> {
  if (chance.happens(0.5)) return nats.wipe();
  await nats.kill();
  await rm(join(nats.directory, "jetstream"), { recursive: true, force: true });
  await nats.restart();
}

async function killServer(
  server: { kill(): Promise<void>; restart(): Promise<void> } | null,
  chance: Chance,
): Promise<void> {
  await server?.kill();
  await delay(chance.below(500));
  await server?.restart();
}

async function partition(ways: readonly TcpProxy[], chance: Chance): Promise<void> {
  for (const way of ways) way.partition();
  await delay(300 + chance.below(4000));
  for (const way of ways) way.heal();
}

/** One of them, or now and then all. */
function some(members: readonly Member[], chance: Chance): readonly Member[] {
  return chance.happens(0.3) ? members : [chance.pick(members)];
}
