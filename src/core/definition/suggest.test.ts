import { expect, test } from "vitest";
import { closest } from "./suggest.ts";

const names = ["maxAttempts", "backoffSeconds", "next", "name", "agent.run"];

test.each([
  ["max_attempts", "maxAttempts"],
  ["nxet", "next"],
  ["nam", "name"],
  ["agnet.run", "agent.run"],
  ["backofSeconds", "backoffSeconds"],
])("%s was meant to be %s", (word, wanted) => {
  expect(closest(word, names)).toBe(wanted);
});

test("nothing is suggested for a word that is like none", () => {
  expect(closest("zebra", names)).toBeNull();
  expect(closest("x", [])).toBeNull();
});
