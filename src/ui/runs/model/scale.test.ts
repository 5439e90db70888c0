import { expect, test } from "vitest";
import { scaleOf, zoomed } from "./scale.ts";

const MINUTE = 60_000;
const work = [
  { from: 0, to: 20_000 },
  { from: 18 * MINUTE, to: 18 * MINUTE + 10_000 },
];
const span = { from: 0, to: 18 * MINUTE + 10_000 };

test("a wait of 18 minutes does not squeeze half a minute of work to a hairline", () => {
  const scale = scaleOf(span, work, true);
  expect(scale.stretches.filter(({ isIdle }) => isIdle)).toMatchObject([{ from: 20_000, to: 18 * MINUTE }]);
  expect(scale.at(20_000)).toBeGreaterThan(0.5);
  expect(scale.at(span.to) - scale.at(18 * MINUTE)).toBeGreaterThan(0.25);
  expect(scale.timeAt(scale.at(5000))).toBeCloseTo(5000);
});

test("idle time is drawn at its length when somebody wants it so", () => {
  const scale = scaleOf(span, work, false);
  expect(scale.stretches).toHaveLength(1);
  expect(scale.at(20_000)).toBeCloseTo(20_000 / span.to);
});

test("a run that took no time at all has a width, and nothing of it is NaN", () => {
  const scale = scaleOf({ from: 5, to: 5 }, [{ from: 5, to: 5 }], true);
  expect([scale.at(5), scale.at(6), scale.timeAt(0)]).toEqual([0, 1, 5]);
  expect(zoomed(scale, { from: 5, to: 6 }).at(6)).toBe(1);
});
