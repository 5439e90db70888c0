import { expect, test } from "vitest";
import { endedIn, flakiestOf, slowestOf, troubleText } from "./weakest.ts";

const state = (name: string, change: object = {}) => ({
  state: name,
  runs: 10,
  visits: 10,
  failed: 0,
  retried: 0,
  p50Ms: 0,
  p95Ms: 0,
  ...change,
});

test("the slowest state is the one that takes longest half the time, the flakiest fails or is retried most", () => {
  const states = endedIn([
    state("quick", { retried: 1 }),
    state("slow", { p50Ms: 900, p95Ms: 1000 }),
    state("shaky", { failed: 2, retried: 1 }),
    state("not yet", { p50Ms: null, p95Ms: null, failed: 9 }),
  ]);
  expect(slowestOf(states)?.state).toBe("slow");
  const flakiest = flakiestOf(states);
  expect(flakiest && [flakiest.state, troubleText(flakiest)]).toEqual(["shaky", "20 % failed, 10 % retried"]);
});

test("where nothing takes time and nothing goes wrong, no state is named", () => {
  const states = endedIn([state("a"), state("b")]);
  expect([slowestOf(states), flakiestOf(states), slowestOf([])]).toEqual([null, null, null]);
});
