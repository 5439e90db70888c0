import fc from "fast-check";
import { play } from "./play.ts";
import { stories } from "./story.ts";

/** `node test/simulation/approvals/histories.ts [count] [seed]`: the same property as the test, as often as you like. */
const [, , count = "1000000", seed = String(Date.now() % 2 ** 31)] = process.argv;
const PORTION = 50_000;
const totals = { histories: 0, decisions: 0, refusals: 0, stale: 0 };
const startedAt = performance.now();
for (let from = 0; from < Number(count); from += PORTION) {
  const numRuns = Math.min(PORTION, Number(count) - from);
  const property = fc.property(stories, (story) => {
    const told = play(story);
    totals.histories++;
    totals.decisions += told.decisions;
    totals.refusals += told.refusals;
    totals.stale += told.stale;
  });
  fc.assert(property, { numRuns, seed: Number(seed) + from });
  console.error(`${totals.histories} histories`);
}
const seconds = (performance.now() - startedAt) / 1000;
const perSecond = Math.round(totals.histories / seconds);
console.log(JSON.stringify({ seed: Number(seed), ...totals, seconds: Math.round(seconds), perSecond }));
