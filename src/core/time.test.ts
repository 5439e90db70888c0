import { expect, test } from "vitest";
import { isoTime, LATEST, parseInstant } from "./time.ts";

test.each([
  ["2026-03-01T09:00:00Z", "2026-03-01T09:00:00.000Z"],
  ["2028-02-29", "2028-02-29T00:00:00.000Z"],
  ["2026-03-01 09:00+05:30", "2026-03-01T03:30:00.000Z"],
  ["2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000Z"],
])("%s is %s", (text, instant) => {
  expect(isoTime(parseInstant(text) ?? 0)).toBe(instant);
});

test.each([
  "2026-02-29",
  "2026-13-01",
  "2026-00-10",
  "2026-04-31T00:00:00Z",
  "2026-03-01T24:00:00Z",
  "2026-03-01T09:60:00Z",
  "2026-03-01T09:00:00+24:00",
  "tomorrow",
])("there is no time %s", (text) => {
  expect(parseInstant(text)).toBeNull();
});

test("the latest time is the last of the year 9999", () => {
  expect(isoTime(LATEST)).toBe("9999-12-31T23:59:59.999Z");
});
