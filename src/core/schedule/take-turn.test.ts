import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OVERLAPS, type Overlap } from "./overlap.ts";
import type { Schedule, ScheduleSpec } from "./schedule.ts";
import { passOver, type Standing, takeTurn } from "./take-turn.ts";
import { type OpenTick, runIdOf, type Tick } from "./tick.ts";

const AT = Date.parse("2026-03-02T06:00:00.000Z");
const MINUTE = 60_000;

const spec: ScheduleSpec = {
  timing: { kind: "interval", everySeconds: 60, anchorAt: 0 },
  input: {},
  overlap: "skip",
  catchUpSeconds: 600,
  jitterSeconds: 0,
  startAt: null,
  endAt: null,
};

function standing(
  change: Partial<ScheduleSpec> = {},
  more: Partial<Schedule> = {},
  open: readonly OpenTick[] = [],
): Standing {
  const schedule: Schedule = {
    id: "sch_1",
    environment: "prod",
    name: "minutely",
    workflowId: "report",
    origin: "api",
    spec: { ...spec, ...change },
    paused: null,
    consideredUntil: AT,
    lookAt: AT,
    revision: 1,
    createdAt: AT,
    createdBy: "user:ana",
    updatedAt: AT,
    updatedBy: "user:ana",
    ...more,
  };
  return { schedule, open };
}

const keyOf = (at: number) => new Date(at).toISOString();
const tick = (at: number) => ({ key: keyOf(at), at, triggeredBy: null, decidedAt: at });
const running = (at: number): OpenTick => ({
  ...tick(at),
  status: "started",
  runId: runIdOf("sch_1", tick(at)),
  isOver: false,
});
const over = (at: number): OpenTick => ({ ...running(at), isOver: true }) as OpenTick;
const waiting = (at: number): OpenTick => ({ ...tick(at), status: "waiting", isOver: false });

const fates = (ticks: readonly Tick[]) => ticks.map(({ key, status }) => `${key.slice(11, 16)} ${status}`);

describe("a tick whose time has come", () => {
  test("is started, under an id that follows from it", () => {
    const turn = takeTurn(standing(), AT + MINUTE + 5);
    const runId = runIdOf("sch_1", tick(AT + MINUTE));
    expect(turn).toEqual({
      ticks: [{ ...tick(AT + MINUTE), decidedAt: AT + MINUTE + 5, status: "starting", runId }],
      over: [],
      starts: [{ ...tick(AT + MINUTE), decidedAt: AT + MINUTE + 5, status: "starting", runId }],
      cancels: [],
      consideredUntil: AT + MINUTE,
      lookAt: AT + MINUTE + 5005,
      restUntil: AT + 2 * MINUTE,
    });
    expect(runId).toMatch(/^run_[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  test("is not there before", () => {
    const turn = takeTurn(standing(), AT + MINUTE - 1);
    expect(turn).toMatchObject({ ticks: [], starts: [], consideredUntil: AT, lookAt: AT + MINUTE });
  });

  test("comes later by its own delay, which everybody agrees on", () => {
    const jittered = standing({ jitterSeconds: 30 });
    const { lookAt } = takeTurn(jittered, AT);
    expect(lookAt).toBe(takeTurn(jittered, AT + MINUTE - 1).lookAt);
    expect(lookAt).toBeGreaterThan(AT + MINUTE);
    expect(lookAt).toBeLessThanOrEqual(AT + MINUTE + 30_000);
    expect(takeTurn(jittered, (lookAt ?? 0) - 1).ticks).toEqual([]);
    expect(fates(takeTurn(jittered, lookAt ?? 0).ticks)).toEqual(["06:01 starting"]);
  });

  test("does not come outside the bounds", () => {
    expect(takeTurn(standing({ startAt: AT + 5 * MINUTE }), AT).lookAt).toBe(AT + 5 * MINUTE);
    expect(takeTurn(standing({ endAt: AT + MINUTE - 1 }), AT)).toMatchObject({
      lookAt: null,
      restUntil: null,
    });
  });
});

describe("while an earlier run has not ended", () => {
  const now = AT + MINUTE;
  const turnOf = (overlap: Overlap, open: readonly OpenTick[]) =>
    takeTurn(standing({ overlap }, {}, open), now);

  test("skip leaves the tick out and says why", () => {
    const { ticks, starts } = turnOf("skip", [running(AT)]);
    expect(starts).toEqual([]);
    expect(ticks).toEqual([
      { ...tick(now), status: "skipped", reason: `run ${runIdOf("sch_1", tick(AT))} has not ended` },
    ]);
  });

  test("bufferOne lets one tick wait and leaves out the next", () => {
    expect(fates(turnOf("bufferOne", [running(AT)]).ticks)).toEqual(["06:01 waiting"]);
    expect(fates(turnOf("bufferOne", [running(AT - MINUTE), waiting(AT)]).ticks)).toEqual(["06:01 skipped"]);
  });

  test("bufferAll lets every tick wait", () => {
    expect(fates(turnOf("bufferAll", [running(AT - MINUTE), waiting(AT)]).ticks)).toEqual(["06:01 waiting"]);
  });

  test("allow starts the tick beside it", () => {
    expect(fates(turnOf("allow", [running(AT)]).ticks)).toEqual(["06:01 starting"]);
  });

  test("cancelPrevious cancels the run, and the newest tick takes its place", () => {
    const turn = turnOf("cancelPrevious", [running(AT - MINUTE), waiting(AT)]);
    expect(fates(turn.ticks)).toEqual(["06:00 skipped", "06:01 waiting"]);
    expect(turn.cancels).toEqual([runIdOf("sch_1", tick(AT - MINUTE))]);
    expect(turn.restUntil).toBe(now);
  });

  test("a tick whose start nobody has reported counts as running, and is started again", () => {
    const { isOver: _, ...starting } = { ...running(AT), status: "starting" } as OpenTick;
    const turn = turnOf("skip", [{ ...starting, isOver: false } as OpenTick]);
    expect(fates(turn.ticks)).toEqual(["06:01 skipped"]);
    expect(turn.starts).toEqual([starting]);
  });
});

describe("once the earlier run has ended", () => {
  test("the tick that waits begins, and nobody waits for the earlier one any more", () => {
    const turn = takeTurn(standing({ overlap: "bufferOne" }, {}, [over(AT - MINUTE), waiting(AT)]), AT + 1);
    expect(fates(turn.ticks)).toEqual(["06:00 starting"]);
    expect(turn.over).toEqual([keyOf(AT - MINUTE)]);
  });

  test("those that wait under bufferAll begin one after the other", () => {
    const turn = takeTurn(
      standing({ overlap: "bufferAll" }, {}, [over(AT - 2 * MINUTE), waiting(AT - MINUTE), waiting(AT)]),
      AT + 1,
    );
    expect(fates(turn.ticks)).toEqual(["05:59 starting"]);
  });
});

describe("after a downtime", () => {
  test("ticks within the window are fired, and the older ones recorded as missed", () => {
    const turn = takeTurn(standing({ overlap: "allow", catchUpSeconds: 180 }), AT + 10 * MINUTE + 1);
    expect(fates(turn.ticks)).toEqual(["06:01 missed", "06:08 starting", "06:09 starting", "06:10 starting"]);
    expect(turn.ticks[0]).toMatchObject({ until: AT + 7 * MINUTE, count: 7 });
  });

  test("a schedule that does not catch up fires what is no more than a minute late", () => {
    const turn = takeTurn(standing({ overlap: "allow", catchUpSeconds: 0 }), AT + 10 * MINUTE + 1);
    expect(fates(turn.ticks)).toEqual(["06:01 missed", "06:10 starting"]);
  });

  test("a year of missed minutes is one record, and quickly made", () => {
    const year = 365 * 86_400_000;
    const turn = takeTurn(standing({ overlap: "allow", catchUpSeconds: 0 }), AT + year);
    expect(turn.ticks[0]).toMatchObject({ status: "missed", at: AT + MINUTE, count: null });
    expect(turn.consideredUntil).toBe(AT + year);
  });

  test("of many ticks some are dealt with at once and the rest in the next turn", () => {
    const turn = takeTurn(standing({ overlap: "allow", catchUpSeconds: 86_400 }), AT + 300 * MINUTE);
    expect(turn.starts).toHaveLength(100);
    expect(turn.restUntil).toBeLessThanOrEqual(AT + 300 * MINUTE);
  });

  test("under cancelPrevious only the newest of them is started", () => {
    const turn = takeTurn(standing({ overlap: "cancelPrevious" }), AT + 3 * MINUTE);
    expect(fates(turn.ticks)).toEqual(["06:01 skipped", "06:02 skipped", "06:03 starting"]);
  });
});

describe("a paused schedule", () => {
  const paused = { at: AT, by: "user:ben", reason: "maintenance" };

  test("fires nothing, and what waited is left out", () => {
    const turn = takeTurn(standing({}, { paused }, [running(AT - MINUTE), waiting(AT)]), AT + 5 * MINUTE);
    expect(turn.ticks).toEqual([
      {
        ...tick(AT),
        decidedAt: AT + 5 * MINUTE,
        status: "skipped",
        reason: "the schedule was paused by user:ben while it waited",
      },
    ]);
    expect(turn).toMatchObject({ starts: [], lookAt: null, consideredUntil: AT });
  });

  test("is fired by hand all the same", () => {
    const turn = takeTurn(standing({}, { paused }), AT + 5, {
      key: "trigger:1",
      by: "user:ana",
      force: false,
    });
    expect(turn.ticks).toMatchObject([
      { key: "trigger:1", status: "starting", triggeredBy: "user:ana", at: AT + 5 },
    ]);
  });

  test("that goes on records what has passed", () => {
    const turn = passOver(standing({}, { paused }), AT + 5 * MINUTE, "paused by user:ben");
    expect(turn.ticks).toMatchObject([
      { status: "missed", at: AT + MINUTE, until: AT + 5 * MINUTE, count: 5, reason: "paused by user:ben" },
    ]);
    expect(turn.consideredUntil).toBe(AT + 5 * MINUTE);
  });
});

test("fired by hand, a schedule keeps to its policy unless it is forced", () => {
  const busy = standing({}, {}, [running(AT)]);
  const trigger = { key: "trigger:1", by: "user:ana", force: false };
  expect(takeTurn(busy, AT + 5, trigger).ticks).toMatchObject([{ status: "skipped" }]);
  expect(takeTurn(busy, AT + 5, { ...trigger, force: true }).ticks).toMatchObject([{ status: "starting" }]);
});

test("whatever happens, every tick is accounted for exactly once and the policy holds", () => {
  const steps = fc.array(
    fc.record({ ms: fc.integer({ min: 0, max: 15 * MINUTE }), ends: fc.integer({ min: 0, max: 3 }) }),
    { minLength: 1, maxLength: 40 },
  );
  const specs = fc.record({
    overlap: fc.constantFrom(...OVERLAPS),
    catchUpSeconds: fc.integer({ min: 0, max: 1200 }),
    jitterSeconds: fc.constantFrom(0, 20),
  });
  fc.assert(
    fc.property(specs, steps, (change, moves) => {
      let now = AT;
      let { schedule } = standing(change);
      const all = new Map<string, Tick>();
      const ended = new Set<string>();
      for (const { ms, ends } of moves) {
        now += ms;
        const live = [...all.values()].filter(({ status, key }) => status === "started" && !ended.has(key));
        for (const { key } of live.slice(0, ends)) ended.add(key);
        const open = [...all.values()]
          .filter(({ status }) => ["waiting", "starting", "started"].includes(status))
          .sort((a, b) => a.at - b.at)
          .map((one) => ({ ...one, isOver: ended.has(one.key) }) as OpenTick);
        const turn = takeTurn({ schedule, open }, now);
        for (const one of turn.ticks) all.set(one.key, one);
        for (const one of turn.starts) all.set(one.key, { ...one, status: "started" });
        for (const runId of turn.cancels)
          for (const one of all.values()) if ("runId" in one && one.runId === runId) ended.add(one.key);
        schedule = { ...schedule, consideredUntil: turn.consideredUntil };
        const active = [...all.values()].filter(({ status, key }) => status === "started" && !ended.has(key));
        const held = [...all.values()].filter(({ status }) => status === "waiting");
        expect(active.length).toBeLessThanOrEqual(change.overlap === "allow" ? Number.MAX_SAFE_INTEGER : 1);
        expect(held.length).toBeLessThanOrEqual(
          { skip: 0, allow: 0, bufferOne: 1, cancelPrevious: 1, bufferAll: 1000 }[change.overlap],
        );
      }
      const counted = [...all.values()].reduce(
        (sum, one) => sum + (one.status === "missed" ? (one.count ?? 0) : 1),
        0,
      );
      expect(counted).toBe((schedule.consideredUntil - AT) / MINUTE);
    }),
    { numRuns: 300 },
  );
});
