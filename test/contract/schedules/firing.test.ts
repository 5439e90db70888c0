import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Schedule, ScheduleSpec } from "../../../src/core/schedule/schedule.ts";
import {
  addSchedule,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  scheduleEvent,
  specOf,
  updateSchedule,
} from "../../../src/engine/change-schedule.ts";
import { cancelRun } from "../../../src/engine/control-run.ts";
import { followWorkflows } from "../../../src/engine/declared-schedules.ts";
import { fireByHand, fireSchedules, type SchedulePorts } from "../../../src/engine/fire-schedules.ts";
import { rerunRun } from "../../../src/engine/rerun-run.ts";
import { startRun } from "../../../src/engine/start-run.ts";
import { disableWorkflow } from "../../../src/engine/switch-workflow.ts";
import { by } from "../../support/people.ts";
import { openScheduleWorld } from "../../support/schedule-world.ts";

const AT = Date.parse("2026-03-02T06:00:00.000Z");
const MINUTE = 60_000;
const ANA = by("user:ana");

let now = AT;
let world: Awaited<ReturnType<typeof openScheduleWorld>>;
let ports: SchedulePorts;

beforeEach(async () => {
  now = AT;
  let chance = 0;
  world = await openScheduleWorld({ now: () => now, random: () => (chance = (chance + 0.37) % 1) });
  ({ ports } = world);
  await world.publish();
});
afterEach(() => world.close());

const minutely = { timing: { kind: "interval", everySeconds: 60, anchorAt: 0 } } as const;

async function given(change: Partial<ScheduleSpec> = {}, name = "minutely"): Promise<Schedule> {
  const draft = { environment: "default", name, workflowId: "report", origin: "api" } as const;
  const schedule = await addSchedule(ports, { ...draft, spec: specOf({ ...minutely, ...change }) }, ANA);
  if (!schedule) throw new Error("there is one of this name");
  return schedule;
}

/** Looks until nothing is due. */
async function fire(): Promise<void> {
  for (;;) {
    const { standings } = await ports.store.schedules.due(now, 10);
    if (standings.length === 0) return;
    await fireSchedules(ports, standings);
  }
}

const history = async ({ id }: Schedule) =>
  (await ports.store.schedules.ticks(id, { limit: 50 })).map(({ tick }) => tick).reverse();
const fates = async (schedule: Schedule) =>
  (await history(schedule)).map(({ at, status }) => `${new Date(at).toISOString().slice(11, 16)} ${status}`);
const toldOfSchedules = async () =>
  (await ports.store.adminEvents.list(null, { limit: 20 })).filter(({ subject }) =>
    subject.startsWith("schedule:"),
  );
const runs = () => ports.store.queries.runs({}, { limit: 50 });

describe("a schedule", () => {
  test("starts a run for each tick, in its own name and with its input", async () => {
    const schedule = await given({ overlap: "allow", input: { day: "{{ _cronTriggeredAt[:10] }}", n: 1 } });
    now += 2 * MINUTE;
    await fire();
    const found = await runs();
    expect(found.map(({ startedBy, workflowId }) => [startedBy, workflowId])).toEqual([
      ["schedule:minutely", "report"],
      ["schedule:minutely", "report"],
    ]);
    const [first] = await history(schedule);
    expect(first).toMatchObject({ status: "started", key: "2026-03-02T06:01:00.000Z" });
    const run = found.find(({ runId }) => first && "runId" in first && runId === first.runId);
    expect(await ports.store.queries.run(run?.runId ?? ("" as never), now)).toMatchObject({
      input: {
        day: "2026-03-02",
        n: 1,
        _cronTriggeredAt: "2026-03-02T06:01:00.000Z",
        _cronExpression: "@every 60s",
        _cronTimezone: "UTC",
      },
    });
  });

  test("waits for its run, and goes on when that has ended", async () => {
    const schedule = await given({ overlap: "bufferOne" });
    now += 3 * MINUTE;
    await fire();
    expect(await fates(schedule)).toEqual(["06:01 started", "06:02 waiting", "06:03 skipped"]);
    const [run] = await runs();
    await cancelRun(ports, run?.runId ?? ("" as never), by("user:ben"), null);
    await fire();
    expect(await fates(schedule)).toEqual(["06:01 started", "06:02 started", "06:03 skipped"]);
  });

  test("cancels its run for the next where it is told to", async () => {
    const schedule = await given({ overlap: "cancelPrevious" });
    for (let minute = 0; minute < 2; minute++) {
      now += MINUTE;
      await fire();
    }
    expect(await fates(schedule)).toEqual(["06:01 started", "06:02 started"]);
    const statuses = (await ports.store.schedules.ticks(schedule.id, { limit: 2 })).map(
      (one) => one.runStatus,
    );
    expect(statuses).toEqual(["PENDING", "CANCELLED"]);
  });

  test("whose workflow is disabled says so with each tick", async () => {
    const schedule = await given();
    await disableWorkflow(ports, "default", "report", "operator", ANA);
    now += MINUTE;
    await fire();
    expect(await history(schedule)).toMatchObject([
      { status: "skipped", reason: 'workflow "report" is disabled' },
    ]);
  });

  test("whose input does not fit any more says so, and tries again with the next tick", async () => {
    const properties = { n: { type: "integer" }, _cronTimezone: { const: "UTC" } };
    const required = ["_cronTimezone"];
    const inputSchema = { type: "object", properties, required, additionalProperties: false };
    await world.publish({ inputSchema });
    const schedule = await given({ input: { n: "{{ missing }}" } });
    const other = await given({ input: { n: "one" } }, "other");
    const fits = await given({ input: { n: 1 } }, "fits");
    now += MINUTE;
    await fire();
    expect(await history(schedule)).toMatchObject(
      [{ status: "failed", reason: /missing/ }].map((one) => ({
        ...one,
        reason: expect.stringMatching(one.reason),
      })),
    );
    expect(await history(other)).toMatchObject([
      { status: "failed", reason: expect.stringContaining("/input/n") },
    ]);
    expect(await fates(fits)).toEqual(["06:01 started"]);
  });

  test("that runs into a mistake of ours says so, and tries again with the next tick", async () => {
    await world.publish({ inputSchema: { type: "object" } });
    const schedule = await given();
    now += MINUTE;
    const { standings } = await ports.store.schedules.due(now, 10);
    const validate = () => {
      throw new TypeError("not a function");
    };
    await fireSchedules({ ...ports, schemas: { validate } }, standings);
    now += MINUTE;
    await fire();
    expect(await fates(schedule)).toEqual(["06:01 failed", "06:02 started"]);
    const [first] = await history(schedule);
    expect(first).toMatchObject({ reason: "no run could be started: TypeError: not a function" });
  });

  test("of a workflow that only newer programs know is left to them", async () => {
    const schedule = await given();
    await world.publish({ states: [{ type: "teleport", name: "done" } as never] });
    now += MINUTE;
    await fire();
    expect(await fates(schedule)).toEqual(["06:01 starting"]);
    await world.publish({ states: [{ type: "inject", name: "done", data: {}, transition: { end: true } }] });
    now += 6000;
    await fire();
    expect(await fates(schedule)).toEqual(["06:01 started"]);
  });

  test("is fired once by two processes that look at the same moment", async () => {
    const schedule = await given({ overlap: "allow" });
    now += MINUTE;
    const look = async () => fireSchedules(ports, (await ports.store.schedules.due(now, 10)).standings);
    await Promise.all([look(), look(), look()]);
    expect(await fates(schedule)).toEqual(["06:01 started"]);
    expect(await runs()).toHaveLength(1);
  });
});

describe("a process that dies", () => {
  const dying = (where: "keep" | "commit" | "settle", when: "before" | "behind"): SchedulePorts => {
    let isDead = false;
    const die = () => {
      isDead = true;
      return Promise.reject(new Error("this process is dead"));
    };
    const { store } = ports;
    const at =
      <Args extends readonly unknown[], Answer>(name: string, call: (...args: Args) => Promise<Answer>) =>
      async (...args: Args): Promise<Answer> => {
        if (isDead || (name === where && when === "before")) return die();
        const answer = await call(...args);
        return name === where ? die() : answer;
      };
    return {
      ...ports,
      store: {
        ...store,
        runs: { ...store.runs, commit: at("commit", store.runs.commit) },
        schedules: {
          ...store.schedules,
          keep: at("keep", store.schedules.keep),
          settle: at("settle", store.schedules.settle),
        },
      },
    };
  };

  test.each([
    ["before its decision is kept", "keep", "before"],
    ["behind it", "keep", "behind"],
    ["before the run begins", "commit", "before"],
    ["behind it", "commit", "behind"],
    ["before what came of it is kept", "settle", "before"],
    ["behind it", "settle", "behind"],
  ] as const)("%s (%s, %s) leaves the tick to another, who starts one run", async (_, where, when) => {
    const schedule = await given();
    now += MINUTE;
    const { standings } = await ports.store.schedules.due(now, 10);
    await Promise.allSettled([fireSchedules(dying(where, when), standings)]);
    now += 6000;
    await fire();
    expect(await fates(schedule)).toEqual(["06:01 started"]);
    expect(await runs()).toHaveLength(1);
  });

  test("behind the start leaves a run that counts, also when the workflow was disabled meanwhile", async () => {
    const schedule = await given();
    now += MINUTE;
    const { standings } = await ports.store.schedules.due(now, 10);
    await Promise.allSettled([fireSchedules(dying("commit", "behind"), standings)]);
    await disableWorkflow(ports, "default", "report", "operator", ANA);
    now += 6000;
    await fire();
    expect(await fates(schedule)).toEqual(["06:01 started"]);
  });

  test("before the run begins leaves a tick that is the old one's, whatever its schedule says by then", async () => {
    await world.publish({ id: "other" });
    const schedule = await given({ input: { n: 1 } });
    now += MINUTE;
    const { standings } = await ports.store.schedules.due(now, 10);
    await Promise.allSettled([fireSchedules(dying("commit", "before"), standings)]);
    const spec = { ...schedule.spec, input: { n: 2 } };
    await updateSchedule(ports, schedule.id, { workflowId: "other", spec }, ANA);
    now += 6000;
    await fire();
    expect(await fates(schedule)).toEqual(["06:01 started"]);
    expect((await runs()).map(({ workflowId }) => workflowId)).toEqual(["report"]);
  });

  test("before the run begins leaves a tick that comes though its schedule is deleted", async () => {
    const schedule = await given();
    now += MINUTE;
    const { standings } = await ports.store.schedules.due(now, 10);
    await Promise.allSettled([fireSchedules(dying("commit", "before"), standings)]);
    await removeSchedule(ports, schedule.id, ANA);
    expect(await runs()).toHaveLength(1);
  });
});

describe("people", () => {
  test("pause a schedule and let it go on; what passed is recorded", async () => {
    const schedule = await given();
    now += MINUTE + 500;
    const paused = await pauseSchedule(ports, schedule.id, "maintenance", by("user:ben"));
    expect(paused?.paused).toEqual({ at: now, by: "user:ben", reason: "maintenance" });
    now += 3 * MINUTE;
    await fire();
    await pauseSchedule(ports, schedule.id, "again", ANA);
    await resumeSchedule(ports, schedule.id, ANA);
    now += MINUTE;
    await fire();
    // The tick whose time had come was fired before the pause began; its run has not ended.
    expect(await fates(schedule)).toEqual(["06:01 started", "06:02 missed", "06:05 skipped"]);
    expect((await history(schedule))[1]).toMatchObject({ count: 3, reason: "paused by user:ben" });
    const told = await toldOfSchedules();
    expect(told.map(({ action, data }) => [action, data["reason"]])).toEqual([
      ["schedule.resumed", undefined],
      ["schedule.paused", "maintenance"],
      ["schedule.created", undefined],
    ]);
  });

  test("change what a schedule says; a tick whose time has come is still the old one's", async () => {
    const schedule = await given({ overlap: "allow" });
    now += MINUTE;
    const hourly = specOf({ timing: { kind: "cron", cron: "@hourly", timezone: "UTC" }, overlap: "allow" });
    await updateSchedule(ports, schedule.id, { workflowId: "report", spec: hourly }, ANA);
    now += 90 * MINUTE;
    await fire();
    expect(await fates(schedule)).toEqual(["06:01 started", "07:00 started"]);
  });

  test("fire a schedule by hand, in their own name, once for each request", async () => {
    const schedule = await given();
    const trigger = { key: "trigger:1", by: "user:ana", force: false };
    const event = () => scheduleEvent(ports.clock, "schedule.triggered", schedule, ANA, {});
    const standing = async () => {
      const found = await ports.store.schedules.standing(schedule.id);
      if (!found) throw new Error("no schedule");
      return found;
    };
    const seen = await standing();
    expect(await fireByHand(ports, seen, trigger, event())).toBe(true);
    expect(await fireByHand(ports, seen, trigger, event())).toBe(false);
    expect(await history(schedule)).toMatchObject([
      { key: "trigger:1", status: "started", triggeredBy: "user:ana" },
    ]);
    expect((await runs()).map(({ startedBy }) => startedBy)).toEqual(["user:ana"]);
  });

  test("delete a schedule; a tick whose time had come was fired", async () => {
    const schedule = await given();
    now += MINUTE;
    expect(await removeSchedule(ports, schedule.id, ANA)).toBe(true);
    expect(await removeSchedule(ports, schedule.id, ANA)).toBe(false);
    expect(await runs()).toHaveLength(1);
  });
});

describe("a workflow that declares a schedule", () => {
  const schedule = { cron: "0 7 * * *", timezone: "Europe/Berlin" } as const;
  const find = (id: string) => ports.store.schedules.find("default", `workflow:${id}`);

  test("has it from its publication on, changes it with each version, and ends it", async () => {
    const follow = followWorkflows(ports);
    await world.publish({ id: "nightly", schedule });
    await follow();
    const made = await find("nightly");
    expect(made).toMatchObject({ origin: "workflow", workflowId: "nightly", createdBy: "user:ana" });
    expect(made?.spec).toMatchObject({ timing: { kind: "cron", ...schedule }, overlap: "skip" });
    await world.publish({ id: "nightly", schedule: { ...schedule, overlap: "allow", catchUpSeconds: 0 } });
    await follow();
    const changed = await find("nightly");
    expect([changed?.id, changed?.spec.overlap, changed?.spec.catchUpSeconds]).toEqual([
      made?.id,
      "allow",
      0,
    ]);
    now += 86_400_000;
    await fire();
    expect((await runs()).map(({ startedBy }) => startedBy)).toEqual(["schedule:workflow:nightly"]);
    await world.publish({ id: "nightly" });
    await follow();
    expect(await find("nightly")).toBeNull();
  });

  test("has one, whoever comes by, and a pause outlives new versions", async () => {
    await world.publish({ id: "nightly", schedule });
    await Promise.all([followWorkflows(ports)(), followWorkflows(ports)()]);
    const made = await find("nightly");
    await pauseSchedule(ports, made?.id ?? "", null, ANA);
    await world.publish({ id: "nightly", schedule: { ...schedule, cron: "@hourly" } });
    await followWorkflows(ports)();
    expect(await find("nightly")).toMatchObject({ id: made?.id, paused: { by: "user:ana" } });
    const told = await toldOfSchedules();
    expect(told.map(({ action, channel }) => [action, channel])).toEqual([
      ["schedule.updated", "workflow"],
      ["schedule.paused", "api"],
      ["schedule.created", "workflow"],
    ]);
  });

  test("keeps what another process has made of it while one was looking", async () => {
    const { store } = ports;
    const declared = async () => {
      const before = await store.schedules.declared();
      await world.publish({ id: "nightly", schedule });
      await followWorkflows(ports)();
      return before;
    };
    const looking = { ...ports, store: { ...store, schedules: { ...store.schedules, declared } } };
    await followWorkflows(looking)();
    expect(await find("nightly")).not.toBeNull();
  });

  test("started by hand, gives its input where the caller says nothing else", async () => {
    const input = { day: "{{ _cronTriggeredAt[:10] }}", region: "eu" };
    const properties = { day: { type: "string" }, region: { type: "string" }, n: { type: "integer" } };
    const inputSchema = { type: "object", properties, required: ["day"], additionalProperties: false };
    await world.publish({ id: "nightly", schedule: { ...schedule, input }, inputSchema });
    const request = { environment: "default", workflowId: "nightly", by: ANA };
    const started = await startRun(ports, { ...request, input: { region: "us", n: 1 } });
    const [run] = await runs();
    expect(started).toMatchObject({ status: "started", runId: run?.runId });
    expect(await ports.store.queries.run(run?.runId ?? ("" as never), now)).toMatchObject({
      startedBy: "user:ana",
      input: {
        day: "2026-03-02",
        region: "us",
        n: 1,
        _cronTriggeredAt: "2026-03-02T06:00:00.000Z",
        _cronExpression: schedule.cron,
        _cronTimezone: schedule.timezone,
      },
    });
    await cancelRun(ports, run?.runId ?? ("" as never), by("user:ben"), null);
    const again = await rerunRun(ports, { runId: run?.runId ?? ("" as never), by: by("user:ben") });
    expect(again.status).toBe("started");
    const [newest] = await runs();
    const { input: same } = (await ports.store.queries.run(newest?.runId ?? ("" as never), now)) ?? {};
    expect(same).toMatchObject({ day: "2026-03-02", region: "us", _cronTimezone: schedule.timezone });
  });
});
