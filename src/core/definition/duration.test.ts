import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["90s", 90],
  ["2m", 120],
  ["1h", 3600],
  ["1h30m", 5400],
  ["1d 2h", 93_600],
  ["500ms", 0.5],
  ["1.5s", 1.5],
  [" 5s ", 5],
  ["PT90S", 90],
  ["PT1H30M", 5400],
  ["P1D", 86_400],
  ["P1W", 604_800],
  ["PT0.5S", 0.5],
  ["PT0,5S", 0.5],
  ["P1DT12H", 129_600],
])("%s is %d seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each([
  "",
  "5",
  "5x",
  "s",
  "-5s",
  "5s5s",
  "30m1h",
  "P",
  "PT",
  "P1M",
  "P1Y",
  "pt5s",
  "1h30",
  "∞",
  "5 m s",
])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeNull();
});
