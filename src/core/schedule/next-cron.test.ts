import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Cron, cronComplaint, readCron } from "../definition/cron.ts";
import { nextCron } from "./next-cron.ts";
import { localTime, zoneOf } from "./zone.ts";

/** The next times, as minutes in UTC. */
function times(cron: string, timezone: string, after: string, count: number): readonly string[] {
  const found: string[] = [];
  let at = Date.parse(after);
  while (found.length < count) {
    at = nextCron(cron, timezone, at) ?? Number.NaN;
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

describe("a time that the clocks leave out comes once, at the moment they jump to", () => {
  test.each([
    ["30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:30"]],
    ["15,45 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", ["2026-03-29T01:00", "2026-03-30T00:15"]],
    ["30 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["2026-03-08T07:00", "2026-03-09T06:30"]],
    ["15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00Z", ["2026-10-03T15:30", "2026-10-04T15:15"]],
    ["0 0 * * *", "America/Santiago", "2026-09-05T12:00Z", ["2026-09-06T04:00", "2026-09-07T03:00"]],
  ])("%s in %s", (cron, zone, after, expected) => expect(times(cron, zone, after, 2)).toEqual(expected));
});

describe("a time that the clocks show twice comes once, the first time", () => {
  test.each([
    ["30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", ["2026-10-25T00:30", "2026-10-26T01:30"]],
    ["30 1 * * *", "America/New_York", "2026-10-31T12:00Z", ["2026-11-01T05:30", "2026-11-02T06:30"]],
    ["45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00Z", ["2026-04-04T14:45", "2026-04-05T15:15"]],
    ["30 23 * * *", "America/Santiago", "2026-04-04T12:00Z", ["2026-04-05T02:30", "2026-04-06T03:30"]],
  ])("%s in %s", (cron, zone, after, expected) => expect(times(cron, zone, after, 2)).toEqual(expected));
});

describe("what comes every hour or every few minutes follows the time that really passes", () => {
  test.each([
    [
      "0 * * * *",
      "Europe/Berlin",
      "2026-10-24T23:30Z",
      ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00"],
    ],
    ["0 * * * *", "Europe/Berlin", "2026-03-29T00:30Z", ["2026-03-29T01:00", "2026-03-29T02:00"]],
    [
      "*/30 * * * *",
      "Australia/Lord_Howe",
      "2026-04-04T14:10Z",
      ["2026-04-04T14:30", "2026-04-04T15:00", "2026-04-04T15:30"],
    ],
  ])("%s in %s", (cron, zone, after, expected) =>
    expect(times(cron, zone, after, expected.length)).toEqual(expected),
  );
});

test.each([
  ["0 9 * * mon-fri", "2026-01-02T12:00Z", ["2026-01-05T09:00", "2026-01-06T09:00"]],
  ["0 0 ? JAN-Mar sun", "2026-03-28T00:00Z", ["2026-03-29T00:00", "2027-01-03T00:00"]],
  ["5/15 0 * * 7", "2026-01-02T00:00Z", ["2026-01-04T00:05", "2026-01-04T00:20"]],
  ["0 0 29 2 *", "2026-01-01T00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00"]],
  ["0 0 31 2 1", "2026-01-01T00:00Z", ["2026-02-02T00:00", "2026-02-09T00:00"]],
  ["@daily", "2026-01-01T12:00Z", ["2026-01-02T00:00", "2026-01-03T00:00"]],
  ["@hourly", "2026-01-01T12:30Z", ["2026-01-01T13:00", "2026-01-01T14:00"]],
  ["@weekly", "2026-01-01T12:30Z", ["2026-01-04T00:00", "2026-01-11T00:00"]],
  ["@midnight", "2026-01-01T12:30Z", ["2026-01-02T00:00", "2026-01-03T00:00"]],
  ["@yearly", "2026-01-01T12:30Z", ["2027-01-01T00:00", "2028-01-01T00:00"]],
])("%s means what its author means", (cron, after, expected) =>
  expect(times(cron, "UTC", after, 2)).toEqual(expected),
);

/** The slow way: every minute is looked at. */
function nextOf(cron: Cron, timezone: string, after: number): number {
  const zone = zoneOf(timezone);
  for (let at = (Math.floor(after / 60_000) + 1) * 60_000; ; at += 60_000) {
    const shown = new Date(at + zone.offsetAt(at));
    const byDay = cron.days.includes(shown.getUTCDate());
    const byWeekday = cron.weekdays.includes(shown.getUTCDay());
    const isOn =
      cron.months.includes(shown.getUTCMonth() + 1) &&
      (cron.eitherDay ? byDay || byWeekday : byDay && byWeekday);
    if (isOn && cron.hours.includes(shown.getUTCHours()) && cron.minutes.includes(shown.getUTCMinutes()))
      return at;
  }
}

const field = (min: number, max: number) =>
  fc.oneof(
    fc.constant("*"),
    fc.integer({ min, max }).map(String),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc.integer({ min: 1, max: max - min }).map((step) => `*/${step}`),
    fc
      .tuple(fc.integer({ min, max }), fc.integer({ min: 1, max: 20 }))
      .map(([from, step]) => `${from}/${step}`),
    fc.array(fc.integer({ min, max }), { minLength: 1, maxLength: 3 }).map((list) => list.join(",")),
  );

const crons = fc
  .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
  .map((fields) => fields.join(" "))
  .filter((cron) => cronComplaint(cron) === null);
const instants = fc.integer({ min: 1.7e12, max: 2e12 });

test("where the clocks are never set it is the first minute that fits", () => {
  fc.assert(
    fc.property(crons, instants, (text, after) => {
      const cron = readCron(text) as Cron;
      const at = nextCron(text, "UTC", after) ?? 0;
      fc.pre(at - after < 40 * 86_400_000);
      expect(at).toBe(nextOf(cron, "UTC", after));
    }),
    { numRuns: 200 },
  );
});

test("every time of a day comes exactly once, on the days on which clocks are set too", () => {
  const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"];
  const times = fc.tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 23 }));
  fc.assert(
    fc.property(times, fc.constantFrom(...zones), ([minute, hour], zone) => {
      const days = new Map<string, number>();
      let at = Date.parse("2026-01-01T12:00Z");
      for (let count = 0; count < 730; count++) {
        at = nextCron(`${minute} ${hour} * * *`, zone, at) ?? Number.NaN;
        const day = localTime(at, zone).slice(0, 10);
        days.set(day, (days.get(day) ?? 0) + 1);
      }
      expect([...days.values()].every((count) => count === 1)).toBe(true);
      expect(days.size).toBe(730);
    }),
    { numRuns: 40 },
  );
});

test("the clocks of a zone are told with how they are set", () => {
  expect(localTime(Date.parse("2026-03-29T01:00Z"), "Europe/Berlin")).toBe("2026-03-29T03:00:00+02:00");
  expect(localTime(Date.parse("2026-01-01T00:00Z"), "America/New_York")).toBe("2025-12-31T19:00:00-05:00");
  expect(localTime(Date.parse("2026-01-01T00:00Z"), "UTC")).toBe("2026-01-01T00:00:00+00:00");
});
