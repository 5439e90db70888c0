import type { Api } from "../api.ts";
import { withEmbedded } from "../deployment.ts";
import { median } from "../measure.ts";
import type { Bench, Row, Scenario } from "../scenario.ts";
import { forEachItem } from "../workflows.ts";

/** Whether an item costs more when there are many of them. */
export const foreach: Scenario = {
  name: "foreach",
  summary: "time per item of a foreach over 10,000 items against one over 100",
  parts: [(bench) => rowsFor(bench, 16), (bench) => rowsFor(bench, 1)],
};

function rowsFor(bench: Bench, maxConcurrency: number): Promise<readonly Row[]> {
  const [few, manyItems] = [100, bench.isQuick ? 1000 : 10_000];
  const sizes = [few, manyItems].map((size) => ({
    size,
    workflow: forEachItem(`each-${size}`, maxConcurrency),
  }));
  const workflows = sizes.map(({ workflow }) => workflow);
  return withEmbedded(bench, workflows, async ({ api }) => {
    const perItem = new Map<number, number[]>();
    // In turn, so that a slow minute hits both; the first round warms up.
    for (let round = 0; round <= bench.trials; round++)
      for (const { size, workflow } of sizes) {
        const repeats = size === few ? 5 : 1;
        for (let repeat = 0; repeat < repeats; repeat++) {
          const ms = (await timeOf(api, workflow.id, size)) / size;
          if (round > 0) perItem.set(size, [...(perItem.get(size) ?? []), ms]);
        }
      }
    const each = (size: number) => median(perItem.get(size) ?? []);
    const row = { scenario: "foreach", inFlight: maxConcurrency, other: null };
    return [
      { ...row, figure: `per item of ${few}`, unit: "ms", ours: each(few), target: null },
      { ...row, figure: `per item of ${manyItems}`, unit: "ms", ours: each(manyItems), target: null },
      {
        ...row,
        figure: "ratio of the two",
        unit: "×",
        ours: each(manyItems) / each(few),
        target: { atMost: 1.5 },
        details: Object.fromEntries(perItem),
      },
    ];
  });
}

/** From the run's start to its end, as the run itself records it. */
export async function timeOf(api: Api, workflowId: string, size: number): Promise<number> {
  const before = (await api.counts(workflowId))["COMPLETED"] ?? 0;
  const runId = await api.start(workflowId, { items: Array.from({ length: size }, (_, index) => index) });
  await api.untilCount(workflowId, "COMPLETED", before + 1, 120_000);
  const run = (await api.runs(workflowId)).find((one) => one.runId === runId);
  return Date.parse(run?.finishedAt ?? "") - Date.parse(run?.startedAt ?? "");
}
