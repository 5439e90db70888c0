import type { RunId } from "../../../src/core/run/ids.ts";
import { nextTick, type ScheduleSpec } from "../../../src/core/schedule/schedule.ts";
import { runIdOf } from "../../../src/core/schedule/tick.ts";
import { addSchedule, specOf } from "../../../src/engine/change-schedule.ts";
import { cancelRun } from "../../../src/engine/control-run.ts";
import { fireSchedules, type SchedulePorts } from "../../../src/engine/fire-schedules.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { by } from "../../support/people.ts";
import { openScheduleWorld } from "../../support/schedule-world.ts";
import { Chance } from "../random.ts";

const DAY_MS = 86_400_000;
/** Long enough for every downtime of a story. */
const CATCH_UP_SECONDS = 7 * 86_400;

/** One process of the deployment: it dies between any two things that it asks of the store, or behind one of them. */
type Replica = { readonly ports: SchedulePorts; dead: boolean };

export type Year = {
  readonly seed: number;
  /** Ticks that the schedules name. */
  readonly ticks: number;
  readonly runs: number;
  /** Ticks without a run, and runs without a tick. */
  readonly lost: readonly string[];
  readonly surplus: readonly string[];
  readonly crashes: number;
};

/**
 * Lets schedules in these time zones fire from `from` on for so many days, by two processes that look at the same time,
 * die at random and stay away for hours, on the real store and a clock that jumps from tick to tick.
 */
export async function simulateYear(
  seed: number,
  {
    from,
    days,
    timezones,
  }: { readonly from: number; readonly days: number; readonly timezones: readonly string[] },
): Promise<Year> {
  const chance = new Chance(seed);
  let now = from;
  const clock = { now: () => now, random: () => chance.next() };
  const world = await openScheduleWorld(clock);
  const { ports } = world;
  const { store } = ports;
  let crashes = 0;
  const boot = (): Replica => {
    const replica: Replica = {
      dead: false,
      ports: { ...ports, store: mortal(store, () => mayDie(replica)) },
    };
    return replica;
  };
  const mayDie = (replica: Replica) => {
    if (!replica.dead && chance.happens(0.02)) {
      replica.dead = true;
      crashes++;
    }
    if (replica.dead) throw new Error("this process is dead");
  };

  await world.publish();
  const specs = timezones.flatMap((timezone) => specsIn(timezone));
  const expected = new Set<RunId>();
  for (const [index, spec] of specs.entries()) {
    const draft = {
      environment: "default",
      name: `s${index}`,
      workflowId: "report",
      origin: "api",
      spec,
    } as const;
    const schedule = await addSchedule(ports, draft, by("user:ana"));
    for (let at = nextTick(spec, from); at !== null && at <= from + days * DAY_MS; at = nextTick(spec, at))
      expected.add(runIdOf(schedule?.id ?? "", { key: new Date(at).toISOString(), at }));
  }

  let replicas = [boot(), boot()];
  const started = new Set<string>();
  const end = from + days * DAY_MS;
  for (let idle = 0; idle < 3; ) {
    replicas = replicas.map((one) => (one.dead ? boot() : one));
    await Promise.allSettled(replicas.map((replica) => look(replica)));
    const { standings, nextLookAt } = await store.schedules.due(now, 64);
    for (const { runId } of await store.queries.runs({ status: ["PENDING"] }, { limit: 200 })) {
      started.add(runId);
      await cancelRun(ports, runId, by("user:ben"), null);
    }
    if (standings.length > 0) continue;
    // What is on its way behind the last tick comes to its end.
    if (now >= end) idle++;
    const away = chance.happens(0.01) ? chance.below(2 * DAY_MS) : 0;
    now = now >= end ? now + 6000 : Math.min(end, Math.max(nextLookAt ?? end, now) + away);
  }
  await world.close();
  return {
    seed,
    ticks: expected.size,
    runs: started.size,
    lost: [...expected].filter((runId) => !started.has(runId)),
    surplus: [...started].filter((runId) => !expected.has(runId as RunId)),
    crashes,
  };
}

async function look({ ports }: Replica): Promise<void> {
  const { standings } = await ports.store.schedules.due(ports.clock.now(), 64);
  await fireSchedules(ports, standings);
}

/** Times at which clocks are set, times that pass, and an interval. */
function specsIn(timezone: string): readonly ScheduleSpec[] {
  const cron = (text: string) => ({ kind: "cron", cron: text, timezone }) as const;
  const more = { overlap: "allow", catchUpSeconds: CATCH_UP_SECONDS } as const;
  return [
    specOf({ timing: cron("15,45 1,2 * * *"), ...more }),
    specOf({ timing: cron("30 */6 * * *"), ...more, jitterSeconds: 600 }),
    specOf({
      timing: { kind: "interval", everySeconds: 86_400, anchorAt: 0 },
      ...more,
      overlap: "bufferAll",
    }),
  ];
}

/** The store as a process has it that may die around whatever changes something. */
function mortal(store: Store, mayDie: () => void): Store {
  const around =
    <Args extends readonly unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      mayDie();
      const answer = await call(...args);
      mayDie(); // kept, but nobody heard
      return answer;
    };
  return {
    ...store,
    runs: { ...store.runs, commit: around(store.runs.commit) },
    schedules: {
      ...store.schedules,
      keep: around(store.schedules.keep),
      settle: around(store.schedules.settle),
    },
  };
}
