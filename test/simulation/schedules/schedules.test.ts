import { expect, test } from "vitest";
import { simulateYear } from "./simulate-year.ts";

test("a year of schedules loses no tick and starts none twice, though processes die and clocks are set", async () => {
  const from = Date.parse("2026-01-01T00:00:00.000Z");
  const year = await simulateYear(1, { from, days: 365, timezones: ["Europe/Berlin"] });
  expect(year).toMatchObject({ lost: [], surplus: [], runs: year.ticks });
  expect(year.ticks).toBeGreaterThan(3000);
  expect(year.crashes).toBeGreaterThan(50);
});

test.each([
  ["2026-03-20", ["Europe/Berlin", "Africa/Casablanca"]],
  ["2026-03-30", ["Australia/Lord_Howe", "America/Santiago"]],
  ["2026-08-31", ["America/Santiago", "America/Havana"]],
  ["2026-09-28", ["Australia/Lord_Howe", "Pacific/Auckland"]],
])("nothing is lost or doubled in the fortnight behind %s in %j", async (day, timezones) => {
  for (const seed of [1, 2, 3]) {
    const fortnight = await simulateYear(seed, { from: Date.parse(day), days: 14, timezones });
    expect(fortnight).toMatchObject({ seed, lost: [], surplus: [], runs: fortnight.ticks });
  }
});
