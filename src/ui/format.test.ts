import { expect, it } from "vitest";
import { inTheirTime, moment } from "./format.ts";

const NOW = Date.parse("2027-01-15T08:00:00.000Z");

it("the moments of a sentence are said as people say them", () => {
  const said = (sentence: string) => inTheirTime(sentence, NOW, "relative");
  expect(said("waiting for approval of ask by anyone, until 2027-01-15T08:57:00.000Z")).toBe(
    "waiting for approval of ask by anyone, 57m 0s left",
  );
  expect(said("timer nap until 2027-01-15T07:59:00.000Z")).toBe("timer nap, overdue");
  expect(said("retrying look, attempt 2 of 5 at 2027-01-15T08:00:12.000Z: it timed out")).toBe(
    "retrying look, attempt 2 of 5 in 12s: it timed out",
  );
  expect(said("paused by ben since 2027-01-15T07:57:00.000Z: freeze")).toBe("paused by ben 3m ago: freeze");
  expect(said("check: nothing to say")).toBe("check: nothing to say");
});

it("who wants UTC gets UTC, with the words around it", () => {
  expect(inTheirTime("timer nap until 2027-01-15T08:57:00.000Z", NOW, "utc")).toBe(
    "timer nap until 2027-01-15 08:57:00 UTC",
  );
});

it("of a moment of another year the year is said", () => {
  expect(moment(NOW - 3_600_000, NOW, "local")).not.toContain("2027");
  expect(moment(Date.parse("2025-11-24T12:00:00.000Z"), NOW, "local")).toContain("2025");
});
