import { describe, expect, test } from "vitest";
import type { RunId } from "../../../src/core/run/ids.ts";
import { DEFAULTS, type Schedule } from "../../../src/core/schedule/schedule.ts";
import type { Tick, TickFate } from "../../../src/core/schedule/tick.ts";
import type { AdminEvent } from "../../../src/engine/ports/admin-events.ts";
import type { ScheduleChange } from "../../../src/engine/ports/schedules.ts";
import { AT, creating, definition } from "./given.ts";
import type { Subject } from "./subject.ts";

const schedule = (id: string, change: Partial<Schedule> = {}): Schedule => ({
  id,
  environment: "default",
  name: `${id}-daily`,
  workflowId: "triage",
  origin: "api",
  spec: {
    ...DEFAULTS,
    timing: { kind: "cron", cron: "@daily", timezone: "Europe/Berlin" },
    input: { host: "web-1" },
    startAt: null,
    endAt: AT + 1000,
  },
  paused: null,
  consideredUntil: AT,
  lookAt: AT + 10,
  revision: 1,
  createdAt: AT,
  createdBy: "user:ana",
  updatedAt: AT,
  updatedBy: "user:ana",
  ...change,
});

let events = 0;
const event = (action = "schedule.created"): AdminEvent => ({
  id: `adm_schedule_${++events}`,
  at: AT,
  actor: "user:ana",
  channel: "api",
  action,
  environment: "default",
  subject: "schedule:default/daily",
  data: {},
});

const tick = (key: string, fate: TickFate, at = AT): Tick => ({
  key,
  at,
  triggeredBy: null,
  decidedAt: AT,
  ...fate,
});
const run = (id: string) => id as RunId;

/** What is kept of schedules and their ticks. */
export function scheduleContract(subject: () => Subject): void {
  const schedules = () => subject().store.schedules;
  const told = async () =>
    (await subject().store.adminEvents.list(null, { limit: 20 }))
      .filter(({ subject: about }) => about.startsWith("schedule:"))
      .map(({ action }) => action);
  const change = (before: Schedule, more: Partial<ScheduleChange> = {}): ScheduleChange => ({
    before,
    after: before,
    turn: { ticks: [], over: [] },
    ...more,
  });

  describe("schedules", () => {
    test("are found as they were made, and a name is given once at a time", async () => {
      const daily = schedule("sch_1");
      const paused = { at: AT, by: "user:ben", reason: "maintenance" };
      expect(await schedules().add(daily, event())).toBe(true);
      expect(await schedules().add({ ...daily, id: "sch_2" }, event("twice"))).toBe(false);
      expect(await schedules().add(schedule("sch_3", { paused, environment: "prod" }), event())).toBe(true);
      expect(await schedules().find("default", daily.name)).toEqual(daily);
      expect(await schedules().find("prod", daily.name)).toBeNull();
      expect((await schedules().standing("sch_3"))?.schedule.paused).toEqual(paused);
      expect(await told()).toEqual(["schedule.created", "schedule.created"]);
    });

    test("are listed page by page with their newest tick", async () => {
      const [a, b, c] = [schedule("sch_a"), schedule("sch_b"), schedule("sch_c", { environment: "prod" })];
      for (const one of [c, a, b]) await schedules().add(one, event());
      const older = tick("1", { status: "skipped", reason: "busy" });
      const newest = tick("2", { status: "failed", reason: "gone" }, AT + 5);
      await schedules().keep([change(a, { turn: { ticks: [older, newest], over: [] } })]);
      const all = await schedules().list({ environments: null }, { limit: 2 });
      expect(all.map(({ schedule: { name }, last }) => [name, last])).toEqual([
        [a.name, { tick: newest, runStatus: null }],
        [b.name, null],
      ]);
      const after = { environment: b.environment, name: b.name };
      const rest = await schedules().list({ environments: null }, { limit: 2, after });
      expect(rest.map((one) => one.schedule)).toEqual([c]);
      const none = await schedules().list({ environments: ["default"], workflowId: "other" }, { limit: 2 });
      expect(none).toEqual([]);
    });

    test("a change is kept with its ticks and its event, or not at all", async () => {
      const daily = schedule("sch_1");
      await schedules().add(daily, event());
      const missed = tick("m", { status: "missed", reason: "away", until: AT + 9, count: null });
      const after = { ...daily, consideredUntil: AT + 9, lookAt: null, updatedBy: "user:ben" };
      const made = { after, turn: { ticks: [missed], over: [] }, event: event("schedule.updated") };
      expect(await schedules().keep([change(daily, made)])).toEqual(new Set(["sch_1"]));
      const late = { turn: { ticks: [tick("x", { status: "waiting" })], over: [] }, event: event("late") };
      expect(await schedules().keep([change(daily, late)])).toEqual(new Set());
      expect(await schedules().standing("sch_1")).toEqual({ schedule: { ...after, revision: 2 }, open: [] });
      expect(await schedules().ticks("sch_1", { limit: 10 })).toEqual([{ tick: missed, runStatus: null }]);
      expect(await told()).toEqual(["schedule.updated", "schedule.created"]);
    });

    test("of two turns that saw the same schedule one counts, whatever else is kept beside it", async () => {
      const [a, b] = [schedule("sch_a"), schedule("sch_b")];
      for (const one of [a, b]) await schedules().add(one, event());
      const turn = (key: string) => ({ turn: { ticks: [tick(key, { status: "waiting" })], over: [] } });
      await schedules().keep([change(a, turn("first"))]);
      expect(await schedules().keep([change(a, turn("second")), change(b, turn("third"))])).toEqual(
        new Set(["sch_b"]),
      );
      expect((await schedules().standing("sch_a"))?.open.map(({ key }) => key)).toEqual(["first"]);
    });

    test("want to be looked at when their time has come, the longest due first", async () => {
      await schedules().add(schedule("sch_a", { lookAt: AT + 5 }), event());
      await schedules().add(schedule("sch_b", { lookAt: AT + 3 }), event());
      await schedules().add(schedule("sch_c", { lookAt: AT + 9 }), event());
      await schedules().add(schedule("sch_d", { lookAt: null }), event());
      const due = await schedules().due(AT + 5, 10);
      expect(due.standings.map((one) => one.schedule.id)).toEqual(["sch_b", "sch_a"]);
      expect(due.nextLookAt).toBe(AT + 9);
      const { queries } = subject().store;
      const lags = [AT, AT + 5].map(async (now) => (await queries.figures(now)).schedulesOverdueMs);
      expect(await Promise.all(lags)).toEqual([0, 2]);
      expect((await schedules().due(AT + 5, 1)).standings.map((one) => one.schedule.id)).toEqual(["sch_b"]);
      expect(await schedules().due(AT, 1)).toEqual({ standings: [], nextLookAt: AT + 3 });
    });

    test("want to be looked at when nothing holds up a tick that waits any more", async () => {
      const daily = schedule("sch_1", { lookAt: AT + 1000 });
      await schedules().add(daily, event());
      await subject().store.runs.commit(creating("run_before"));
      const started = tick("1", { status: "started", runId: run("run_before") });
      const waits = tick("2", { status: "waiting" }, AT + 1);
      await schedules().keep([change(daily, { turn: { ticks: [started, waits], over: [] } })]);
      expect((await schedules().due(AT, 10)).standings).toEqual([]);
      const standing = await schedules().standing("sch_1");
      expect(standing?.open).toEqual([
        { ...started, isOver: false },
        { ...waits, isOver: false },
      ]);
      const turn = { ticks: [], over: ["1"] };
      await schedules().keep([change({ ...daily, revision: 2 }, { turn })]);
      const [found] = (await schedules().due(AT, 10)).standings;
      expect(found?.open).toEqual([{ ...waits, isOver: false }]);
    });

    test("what came of a start is kept once, and the schedule rests if nobody has changed it", async () => {
      const daily = schedule("sch_1");
      await schedules().add(daily, event());
      const starting = tick("1", { status: "starting", runId: run("run_1") });
      await schedules().keep([change(daily, { turn: { ticks: [starting], over: [] } })]);
      const fates = [{ key: "1", fate: { status: "started", runId: run("run_1") } as const }];
      await schedules().settle([{ id: "sch_1", revision: 1, fates, lookAt: null }], AT + 7);
      const failed = [{ key: "1", fate: { status: "failed", reason: "late" } as const }];
      await schedules().settle([{ id: "sch_1", revision: 2, fates: failed, lookAt: AT + 99 }], AT + 8);
      expect(await schedules().tick("sch_1", "1")).toEqual({
        ...starting,
        status: "started",
        decidedAt: AT + 7,
      });
      const standing = await schedules().standing("sch_1");
      expect(standing?.schedule.lookAt).toBe(AT + 99);
      expect(standing?.open).toEqual([{ ...starting, status: "started", decidedAt: AT + 7, isOver: true }]);
    });

    test("show their history newest first, with where the runs stand, and forget what is old", async () => {
      const daily = schedule("sch_1");
      await schedules().add(daily, event());
      await subject().store.runs.commit(creating("run_1"));
      const many = Array.from({ length: 1100 }, (_, index) =>
        tick(`k${index}`, { status: "skipped", reason: "busy" }, AT + index),
      );
      const last = tick("last", { status: "started", runId: run("run_1") }, AT + 2000);
      await schedules().keep([change(daily, { turn: { ticks: [...many, last], over: [] } })]);
      const [first, second] = await schedules().ticks("sch_1", { limit: 2 });
      expect([first, second?.tick.key]).toEqual([{ tick: last, runStatus: "PENDING" }, "k1099"]);
      const before = { at: AT + 1099, key: "k1099" };
      expect((await schedules().ticks("sch_1", { limit: 1, before }))[0]?.tick.key).toBe("k1098");
      expect(await schedules().ticks("sch_1", { limit: 2000 })).toHaveLength(1001);
    });

    test("go with their ticks, unless somebody was faster", async () => {
      const daily = schedule("sch_1");
      await schedules().add(daily, event());
      await schedules().keep([
        change(daily, { turn: { ticks: [tick("1", { status: "waiting" })], over: [] } }),
      ]);
      expect(await schedules().remove(daily, event("schedule.deleted"))).toBe(false);
      expect(await schedules().remove({ ...daily, revision: 2 }, event("schedule.deleted"))).toBe(true);
      expect(await schedules().standing("sch_1")).toBeNull();
      expect(await schedules().tick("sch_1", "1")).toBeNull();
      expect(await told()).toEqual(["schedule.deleted", "schedule.created"]);
    });

    test("are declared by the current versions of workflows", async () => {
      const declares = { ...definition, id: "nightly", schedule: { cron: "@daily", timezone: "UTC" } };
      const publish = (changed: typeof definition) =>
        subject().store.workflows.publish({
          environment: "prod",
          definition: changed,
          source: "id: nightly",
          sourceFormat: "yaml",
          origin: "api",
          at: AT,
          by: "user:ana",
          channel: "api",
          eventId: `adm_publish_${++events}`,
        });
      await publish(declares);
      expect(await schedules().declared()).toEqual([
        { environment: "prod", workflowId: "nightly", schedule: declares.schedule, by: "user:ana" },
      ]);
      await publish({ ...definition, id: "nightly" });
      expect(await schedules().declared()).toEqual([]);
    });
  });
}
