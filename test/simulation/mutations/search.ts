import { parseArgs } from "node:util";
import fc from "fast-check";
import { play } from "../approvals/play.ts";
import { stories } from "../approvals/story.ts";
import { simulate } from "../simulate.ts";

// In a process of its own, mostly with a bug planted: plays until a promise breaks; the last line says after how much.

const { values } = parseArgs({
  options: { by: { type: "string" }, most: { type: "string" }, seed: { type: "string", default: "1" } },
});
const RUNS_PER_WORLD = 5;
/** Enough for whatever ends: a world in which something never does is soon given up. */
const PATIENCE = 100;

const [most, seed] = [Number(values.most), Number(values.seed)];
const shown = values.by === "histories" ? inHistories() : await inWorlds();
console.log(JSON.stringify(shown));
process.exit();

async function inWorlds() {
  for (let played = 0; played < most; played += RUNS_PER_WORLD) {
    try {
      await simulate(seed + played, RUNS_PER_WORLD, { patience: PATIENCE });
    } catch (error) {
      return {
        after: played + RUNS_PER_WORLD,
        broken: String(error instanceof Error ? error.message : error),
      };
    }
  }
  return { after: most, broken: null };
}

function inHistories() {
  let after = 0;
  const property = fc.property(stories, (story) => {
    after++;
    play(story);
  });
  const { failed, errorInstance } = fc.check(property, { numRuns: most, seed, endOnFailure: true });
  return { after, broken: failed ? String(errorInstance) : null };
}
