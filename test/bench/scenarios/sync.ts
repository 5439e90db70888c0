import { inChild } from "../isolate.ts";
import { median } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import type { measure, SyncCosts } from "../sync-cost.ts";

/** What it takes to bring a thousand workflows in line with their files. */
export const sync: Scenario = {
  name: "sync",
  summary: "1,000 workflow files of ten states: into an empty database, again, and with one changed",
  parts: [syncRows],
};

async function syncRows(bench: Bench): Promise<readonly Row[]> {
  const workflows = bench.isQuick ? 100 : 1000;
  const module = new URL("../sync-cost.ts", import.meta.url);
  const trials: SyncCosts[] = [];
  for (let trial = 0; trial < bench.trials; trial++) {
    const directory = await bench.directory("sync");
    trials.push(await inChild<typeof measure>(module, { workflows, directory }, directory));
  }
  const row = { scenario: "sync", unit: "ms", inFlight: null, other: null, details: trials };
  const typical = (of: (costs: SyncCosts) => number) => median(trials.map(of));
  return [
    { ...row, figure: `${workflows} new`, ours: typical(({ first }) => first), target: { atMost: 5000 } },
    {
      ...row,
      figure: `${workflows} unchanged`,
      ours: typical(({ unchanged }) => unchanged),
      target: { atMost: 1000 },
    },
    {
      ...row,
      figure: `one of ${workflows} changed`,
      ours: typical(({ oneChanged }) => oneChanged),
      target: null,
    },
  ];
}
