import type { RunId } from "../run/ids.ts";
import { isoTime } from "../time.ts";
import { nextTick, type Schedule, type ScheduleSpec } from "./schedule.ts";
import { jitterOf, type OpenTick, runIdOf, type StartingTick, type Tick } from "./tick.ts";

/** A schedule and those of its ticks that may still matter, oldest first. */
export type Standing = { readonly schedule: Schedule; readonly open: readonly OpenTick[] };

/** What a look at a schedule comes to. */
export type Turn = {
  /** New and changed ticks. */
  readonly ticks: readonly Tick[];
  /** Keys of ticks whose runs have ended: nobody waits for them any more. */
  readonly over: readonly string[];
  /** To be started once the turn is kept; also those that an earlier turn decided and nobody reported. */
  readonly starts: readonly StartingTick[];
  /** Runs that make way for the next. */
  readonly cancels: readonly RunId[];
  readonly consideredUntil: number;
  /** When to look again if nobody reports what came of this turn. */
  readonly lookAt: number | null;
  /** When to look again once all of it is done. */
  readonly restUntil: number | null;
};

/** Somebody fires a schedule by hand; `force`: whatever its earlier runs do. */
export type Trigger = { readonly key: string; readonly by: string; readonly force: boolean };

/** A delay that is nobody's fault; what is later was missed, unless the schedule catches up. */
const GRACE_MS = 60_000;
/** When somebody else takes over what a turn decided and nobody reported. */
const RECHECK_MS = 5000;
/** So many due ticks are dealt with in one turn; the next one follows at once. */
const MOST_DUE = 100;
/** So many missed ticks are counted. */
const MOST_COUNTED = 1000;
/** So many ticks wait under `bufferAll`. */
const MOST_WAITING = 1000;

/**
 * Looks at a schedule: which ticks have come by `now`, and what becomes of them and of those that wait. Everything
 * a schedule does goes through this one decision, kept under the guard of its revision: two turns never see the same
 * tick as new, and a tick is never judged by runs that another turn is about to start.
 */
export function takeTurn({ schedule, open }: Standing, now: number, trigger?: Trigger): Turn {
  const { id, spec, paused } = schedule;
  const desk = openDesk(schedule, open, now);
  let { consideredUntil } = schedule;
  let next: number | null = null;
  if (paused) {
    for (const tick of [...desk.waiting])
      if (tick.triggeredBy === null)
        desk.skip(tick, `the schedule was paused by ${paused.by} while it waited`);
    desk.letIn();
  } else {
    desk.letIn();
    const window = Math.max(spec.catchUpSeconds * 1000, GRACE_MS);
    const missed = ticksUntil(spec, consideredUntil, now - window - spec.jitterSeconds * 1000);
    if (missed) {
      desk.put(missedTick(missed, now, `nobody could fire it within ${window / 1000} s of its time`));
      consideredUntil = missed.consideredUntil;
    }
    const due: number[] = [];
    for (;;) {
      const at = nextTick(spec, consideredUntil);
      next = at === null ? null : at + jitterOf(id, at, spec.jitterSeconds);
      if (at === null || next === null || next > now || due.length === MOST_DUE) break;
      due.push(at);
      consideredUntil = at;
    }
    // Whoever cancels the run before would cancel all but the last of these at once.
    const [newest] = spec.overlap === "cancelPrevious" ? due.slice(-1) : [];
    for (const at of due)
      if (newest === undefined || at === newest) desk.admit(scheduledTick(at, now));
      else desk.skip(scheduledTick(at, now), `the tick of ${isoTime(newest)} was due as well`);
  }
  if (trigger)
    desk.admit({ key: trigger.key, at: now, triggeredBy: trigger.by, decidedAt: now }, trigger.force);
  const outcome = desk.outcome();
  const isOutstanding = outcome.starts.length > 0 || desk.makesWay();
  return {
    ...outcome,
    consideredUntil,
    lookAt: isOutstanding ? earliest(next, now + RECHECK_MS) : next,
    restUntil: desk.makesWay() ? now : next,
  };
}

/** What becomes of the ticks that passed while a schedule was paused: recorded, and not fired. */
export function passOver({ schedule, open }: Standing, now: number, reason: string): Turn {
  const desk = openDesk(schedule, open, now);
  const passed = ticksUntil(schedule.spec, schedule.consideredUntil, now);
  if (passed) desk.put(missedTick(passed, now, reason));
  const consideredUntil = Math.max(now, schedule.consideredUntil);
  return { ...desk.outcome(), consideredUntil, lookAt: now, restUntil: now };
}

type Fresh = Pick<Tick, "key" | "at" | "triggeredBy" | "decidedAt">;
type Waiting = Extract<Tick, { status: "waiting" }>;

/** Where ticks are let in one after the other, each seeing what became of those before it. */
function openDesk({ id, spec: { overlap } }: Schedule, open: readonly OpenTick[], now: number) {
  const changed = new Map<string, Tick>();
  const over = open.filter((tick) => tick.status === "started" && tick.isOver);
  const running = open.flatMap((tick) => (tick.status === "started" && !tick.isOver ? [tick] : []));
  const starts = open.flatMap((tick): StartingTick[] => (tick.status === "starting" ? [bare(tick)] : []));
  const waiting: Waiting[] = open.flatMap((tick) => (tick.status === "waiting" ? [bare(tick)] : []));

  const put = (tick: Tick) => void changed.set(tick.key, tick);
  const leave = (tick: Waiting) => {
    const index = waiting.indexOf(tick);
    if (index !== -1) waiting.splice(index, 1);
  };
  const begin = (tick: Fresh) => {
    const starting: StartingTick = { ...of(tick, now), status: "starting", runId: runIdOf(id, tick) };
    starts.push(starting);
    put(starting);
  };
  const wait = (tick: Fresh) => {
    const one: Waiting = { ...of(tick, now), status: "waiting" };
    waiting.push(one);
    put(one);
  };
  const skip = (tick: Fresh, reason: string) => {
    leave(tick as Waiting);
    put({ ...of(tick, now), status: "skipped", reason });
  };
  const busy = () => running[0] ?? starts[0];

  const admit = (tick: Fresh, force = false) => {
    const before = busy();
    const isFree = !before && waiting.length === 0;
    if (force || overlap === "allow" || isFree) return begin(tick);
    const earlier = before ? `run ${before.runId} has not ended` : "an earlier tick waits";
    switch (overlap) {
      case "skip":
        return skip(tick, earlier);
      case "bufferOne":
        return waiting.length > 0
          ? skip(tick, `${earlier}, and one tick waits for that already`)
          : wait(tick);
      case "bufferAll":
        return waiting.length < MOST_WAITING
          ? wait(tick)
          : skip(tick, `${earlier}, and ${MOST_WAITING} ticks wait for that already`);
      case "cancelPrevious":
        for (const one of [...waiting])
          skip(one, `the tick of ${isoTime(tick.at)} came before it could begin`);
        return wait(tick);
    }
  };

  return {
    waiting,
    put,
    skip,
    admit,
    /** Those that waited begin, as far as there is room for them. */
    letIn() {
      while (waiting.length > 0 && (overlap === "allow" || !busy())) {
        const [first] = waiting;
        if (!first) return;
        leave(first);
        begin(first);
      }
    },
    /** A tick waits for runs that are being cancelled. */
    makesWay: () => overlap === "cancelPrevious" && waiting.length > 0,
    outcome: () => ({
      ticks: [...changed.values()],
      over: over.map(({ key }) => key),
      starts,
      cancels: overlap === "cancelPrevious" && waiting.length > 0 ? running.map(({ runId }) => runId) : [],
    }),
  };
}

function of({ key, at, triggeredBy }: Fresh, decidedAt: number): Fresh {
  return { key, at, triggeredBy, decidedAt };
}

function bare<T extends OpenTick>({ isOver: _, ...tick }: T): Omit<T, "isOver"> {
  return tick;
}

function scheduledTick(at: number, now: number): Fresh {
  return { key: isoTime(at), at, triggeredBy: null, decidedAt: now };
}

type Passed = {
  readonly first: number;
  readonly last: number;
  readonly count: number | null;
  readonly consideredUntil: number;
};

/** The ticks behind `after` up to `until`; `null` when there are none. */
function ticksUntil(spec: ScheduleSpec, after: number, until: number): Passed | null {
  const first = nextTick(spec, after);
  if (first === null || first > until) return null;
  let last = first;
  for (let count = 1; ; count++) {
    const at = nextTick(spec, last);
    if (at === null || at > until) return { first, last, count, consideredUntil: last };
    if (count === MOST_COUNTED) return { first, last: until, count: null, consideredUntil: until };
    last = at;
  }
}

function missedTick({ first, last, count }: Passed, now: number, reason: string): Tick {
  return { ...scheduledTick(first, now), status: "missed", reason, until: last, count };
}

function earliest(time: number | null, other: number): number {
  return time === null ? other : Math.min(time, other);
}
