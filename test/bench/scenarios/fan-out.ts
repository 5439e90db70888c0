import { withEmbedded } from "../deployment.ts";
import { median } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { forEachItem } from "../workflows.ts";
import { timeOf } from "./foreach.ts";
import { ceilingTrial } from "./throughput.ts";

/** What a process has in hand at once, whatever a workflow allows. */
const AT_ONCE = 64;

/** A foreach that allows all of its items at once. */
export const fanOut: Scenario = {
  name: "fanout",
  summary: "a foreach of 10, 100, 1,000 and 10,000 items, all of them at once",
  parts: [allAtOnce],
};

async function allAtOnce(bench: Bench): Promise<readonly Row[]> {
  const sizes = bench.isQuick ? [10, 100, 1000] : [10, 100, 1000, 10_000];
  const items = forEachItem("each", Math.max(...sizes));
  const bare = await ceilingTrial(bench, { sqld: false, nats: false })(AT_ONCE);
  const bareMs = 1000 / bare.stepsPerSecond;
  return withEmbedded(bench, [items], async ({ api }) => {
    const times = new Map<number, number[]>(sizes.map((size) => [size, []]));
    // In turn, so that a slow minute hits all of them; the first round warms up.
    for (let round = 0; round <= bench.trials; round++)
      for (const [size, taken] of times) {
        const ms = await timeOf(api, items.id, size);
        if (round > 0) taken.push(ms);
      }
    const row = { scenario: "fanout", unit: "ms", inFlight: null };
    return [...times].flatMap(([size, taken]): Row[] => {
      const ms = median(taken);
      const target = size === 10_000 ? { ratioAtMost: 1.5 } : null;
      const perItem = (of: number) => median(times.get(of) ?? []) / of;
      return [
        {
          ...row,
          figure: `${size} items, from start to end`,
          ours: ms,
          other: null,
          target: null,
          details: taken,
        },
        {
          ...row,
          figure: `${size} items, each, against a bare step`,
          ours: ms / size,
          other: bareMs,
          target: null,
        },
        ...(target
          ? [
              {
                ...row,
                figure: `${size} items, each, against each of 100`,
                ours: ms / size,
                other: perItem(100),
                target,
              },
            ]
          : []),
      ];
    });
  });
}
