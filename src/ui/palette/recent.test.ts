import { expect, it } from "vitest";
import { weighted } from "./recent.ts";

it("what was chosen lately comes before what fits as well, and never before what fits much better", () => {
  const recent = ["latest", "before"];
  const scores = ["latest", "before", "never"].map((value) => weighted(1, value, recent));
  expect(scores).toEqual([...scores].sort((a, b) => b - a));
  expect(weighted(0.5, "latest", recent)).toBeLessThan(weighted(1, "never", recent));
  expect(weighted(0, "latest", recent)).toBe(0);
});
