import { expect, it } from "vitest";
import { simulate } from "./simulate.ts";

const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1);
const RUNS_PER_WORLD = 5;

/** Seeds that once found something; the name says what. `simulate` names the seed of a world that breaks a promise. */
const regressions = [
  { seed: 84, runs: 10, story: "a signal whose id was used weeks ago is still the same signal" },
  {
    seed: 300458,
    runs: 10,
    story: "an approval that a person decides at the moment its time is over is decided or expired, not both",
  },
  {
    seed: 425,
    runs: 5,
    story: "a claim whose commit was told to have failed is taken up again by its own worker",
  },
];

it("300 runs keep every promise through crashes, losses, repetitions, pauses and clock jumps", async () => {
  for (const seed of SEEDS) {
    const story = await simulate(seed, RUNS_PER_WORLD);
    expect(story).toMatchObject({ seed, runs: RUNS_PER_WORLD });
  }
}, 180_000);

it.each(regressions)("$story (seed $seed)", async ({ seed, runs }) => {
  expect(await simulate(seed, runs, { isLively: false })).toMatchObject({ seed, runs });
});
