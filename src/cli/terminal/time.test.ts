import { expect, it } from "vitest";
import { duration, moment, span } from "./time.ts";

it.each([
  [50, "50ms"],
  [999, "999ms"],
  [32_600, "32.6s"],
  [59_940, "59.9s"],
  [59_999, "01:00"],
  [134_000, "02:14"],
  [3_720_000, "1h 02m"],
  [273_600_000, "3d 4h"],
  [-5, "0ms"],
])("%i ms is %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it("says how long something is still to wait", () => {
  expect([400, 45_000, 3_430_000, 10_800_000, 200_000_000].map(span)).toEqual([
    "1s",
    "45s",
    "57m",
    "3h",
    "2d",
  ]);
});

it("tells moments to people and to programs", () => {
  const now = Date.UTC(2026, 0, 5, 9);
  expect(moment(now - 130_000, now, "relative")).toBe("2m ago");
  expect(moment(now + 90_000, now, "relative")).toBe("in 90s");
  expect(moment(now, now, "iso")).toBe("2026-01-05T09:00:00.000Z");
});
