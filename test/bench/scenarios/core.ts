import type { measure } from "../core-cost.ts";
import { inChild } from "../isolate.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";

/** What the pure half costs: a definition is checked, a run is folded from its events. */
export const core: Scenario = {
  name: "core",
  summary: "checking a workflow of 10, 100 and 500 states; folding a run from its events",
  parts: [checkAndFold],
};

async function checkAndFold(bench: Bench): Promise<readonly Row[]> {
  const directory = await bench.directory("core");
  const size = bench.isQuick
    ? { states: [10, 100], items: [100, 1000], rounds: 3 }
    : { states: [10, 100, 500], items: [100, 10_000], rounds: 20 };
  const module = new URL("../core-cost.ts", import.meta.url);
  const { validations, folds } = await inChild<typeof measure>(module, { ...size, directory }, directory);
  const row = { scenario: "core", inFlight: null, target: null };
  return [
    ...validations.map(({ states, ms, readMs }) => ({
      ...row,
      figure: `a workflow of ${states} states checked, against reading its YAML`,
      unit: "ms",
      ours: ms,
      other: readMs,
    })),
    ...folds.map(({ events, ms, readMs }) => ({
      ...row,
      figure: `an event of ${events.toLocaleString("en")} folded, against reading its JSON`,
      unit: "µs",
      ours: (ms * 1000) / events,
      other: (readMs * 1000) / events,
    })),
  ];
}
