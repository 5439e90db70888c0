import fc from "fast-check";
import { expect, it } from "vitest";
import { play } from "./play.ts";
import { stories } from "./story.ts";

it("in 5,000 histories nobody decides who may not, nobody counts twice, and no approval is used twice", () => {
  let decisions = 0;
  let refusals = 0;
  let stale = 0;
  fc.assert(
    fc.property(stories, (story) => {
      const told = play(story);
      decisions += told.decisions;
      refusals += told.refusals;
      stale += told.stale;
    }),
    { numRuns: 5000 },
  );
  // The histories are worth something: much is decided, much is refused, and races are lost.
  expect(Math.min(decisions, refusals)).toBeGreaterThan(5000);
  expect(stale).toBeGreaterThan(100);
});
